import type { ContentSettings } from "../../framework/contract/content.ts";

/** As a definition gives them, defaults filled in. */
export interface S3Settings extends ContentSettings {
	bucket?: string;
	/** Of a bucket that is named. */
	kmsKey?: string;
	prefix?: string;
	format: "json-lines";
	compression: "none" | "gzip";
}

/** As the runtime gets them: it is settled where objects go. */
export interface PlacedS3Settings extends S3Settings {
	bucket: string;
	prefix: string;
}
