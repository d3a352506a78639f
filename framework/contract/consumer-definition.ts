import type { PathDiagnostic } from "../diagnostics/diagnostic.ts";
import type { ItemColumn } from "./item-schema.ts";
import type { Statement } from "./statement.ts";

/** A JSON Schema (2020-12) with `description`s and `default`s: they become the reference page and the editor's help. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export interface KindExample {
	title: string;
	/** One consumer as it stands in a definition, as YAML (the content of a list entry under `consumers`). */
	yaml: string;
}

/** An image a consumer reads. A consumer that needs none is content with KEYS_ONLY. */
export type ImageNeed = "new" | "old";

export interface CheckContext {
	environment: string;
	pipeline: string;
	consumer: string;
	/** True in the environment `local`, where nothing outside is called. */
	local: boolean;
	/** Attributes of the pipeline's items by its item schema, in its order; null without one. */
	itemColumns: readonly ItemColumn[] | null;
}

export interface PlanContext extends CheckContext {
	/** Whether the environment's own overlay sets this setting (a path below `with`). */
	setByEnvironment(...path: string[]): boolean;
	/** Physical name of a bucket the environment owns (`exports` for what consumers write), with tokens in it. */
	environmentBucket(id: string): string;
}

export interface ContributedResource {
	/** CloudFormation type name; the plan knows how to fill in the rest. */
	type: "AWS::S3::Bucket";
	/** Id below the environment, as given to `environmentBucket`. */
	id: string;
	why: string;
}

/** What a consumer adds to the plan: pure data in the plan's vocabulary, nothing of Pulumi. */
export interface ConsumerContribution<Settings> {
	/** As the runtime shall see them. */
	settings: Settings;
	/** For people: where deliveries go, in a few words, `POST https://crm.example.com/events`. Never a secret. */
	target: string;
	resources: ContributedResource[];
	/** References of the secrets it reads at run time, for its permissions and for the local stand-ins. */
	secrets: string[];
	/**
	 * Permissions for the calls that `deliver` makes, beside those for its secrets. What consumers of one function ask for
	 * under one `sid` becomes one statement.
	 */
	statements: Statement[];
}

/** The compile side of a kind. All functions are pure. */
export interface ConsumerDefinition<Settings> {
	kind: string;
	/** One line, for lists. */
	summary: string;
	/** Markdown, for the reference page. */
	description: string;
	examples: KindExample[];
	/** Schema of `with`; a closed object. Defaults in it are filled in before anything below is called. */
	schema: JsonSchema;
	/** Images it reads of each record, beyond what its condition reads. */
	needs(settings: Settings): ImageNeed[];
	/** What a schema cannot say. Paths are relative to `with`. */
	check?(settings: Settings, context: CheckContext): PathDiagnostic[];
	contribute(settings: Settings, context: PlanContext): ConsumerContribution<Settings>;
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds kinds of different settings; each is checked against its own schema.
export type AnyConsumerDefinition = ConsumerDefinition<any>;
export type ConsumerDefinitions = Readonly<Record<string, AnyConsumerDefinition>>;
