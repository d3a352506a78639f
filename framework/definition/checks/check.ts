import type { ConsumerDefinitions } from "../../contract/consumer-definition.ts";
import type { PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import type { ConsumerEntry } from "../build.ts";
import type { ReadItemSchema } from "../item-schema/read-item-schema.ts";
import type { Definition } from "../types.ts";

/** What a check sees: a definition whose shape holds. */
export interface Subject {
	definition: Definition;
	/** All consumers, disabled ones too, with their places. */
	consumers: readonly ConsumerEntry[];
	kinds: ConsumerDefinitions;
	/** null = none is named, or it does not hold, which is said elsewhere. */
	itemSchema: ReadItemSchema | null;
	/** Paths that someone wrote, to tell a setting from its default. */
	isWritten(...path: (string | number)[]): boolean;
	/** The same of the pipeline's own file: what lies under every pipeline was not written for this one. */
	isOwn(...path: (string | number)[]): boolean;
}

/** One rule that a schema cannot say; answers all its problems. */
export type Check = (subject: Subject) => PathDiagnostic[];
