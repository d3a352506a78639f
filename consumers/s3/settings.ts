import type { ContentSettings } from "../../framework/contract/content.ts";

export type ColumnType = "string" | "number" | "boolean";

/** Columns by the attribute that they show, in their order. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** As a definition gives them, defaults filled in. */
export interface S3Settings extends ContentSettings {
	bucket?: string;
	/** Of a bucket that is named. */
	kmsKey?: string;
	prefix?: string;
	/**
	 * With `content: item`. `item-schema`: the attributes of the pipeline's item schema, the default where there is one. `as-found`: a row has
	 * whatever its item has.
	 */
	columns?: Columns | "item-schema" | "as-found";
	format: "json-lines";
	compression: "none" | "gzip";
}

/** As the runtime gets them: it is settled where objects go. */
export interface PlacedS3Settings extends S3Settings {
	bucket: string;
	prefix: string;
	/** Absent: as found. */
	columns?: Columns;
}
