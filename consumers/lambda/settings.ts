import type { NumberStyle } from "../../framework/contract/change.ts";

/** As a definition gives them, defaults filled in. */
export interface LambdaSettings {
	functionName: string;
	content: "record" | "event";
	batch: { maxRecords: number; bisectOnFunctionError: boolean };
	endpoint?: string;
	numbers: NumberStyle;
}
