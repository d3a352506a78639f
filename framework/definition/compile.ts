import type { ConsumerDefinitions } from "../contract/consumer-definition.ts";
import { DIAGNOSTIC_CODES } from "../diagnostics/codes.ts";
import { type Diagnostic, type DocumentPath, formatPath, type PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { buildConsumers, buildDefinition, compileConditions } from "./build.ts";
import type { ReadItemSchema } from "./item-schema/read-item-schema.ts";
import { composeLayers } from "./layers.ts";
import { locate, sourceTextAt } from "./locate.ts";
import { checkMeaning } from "./meaning.ts";
import { type Annotated, findAnnotated, findOrigin, type Origin } from "./merge.ts";
import type { Source } from "./read.ts";
import { checkShape } from "./shape.ts";
import type { Definition } from "./types.ts";
import type { ValueObject } from "./values.ts";

export interface CompiledDefinition {
	/** Null if something in it is an error. */
	definition: Definition | null;
	diagnostics: Diagnostic[];
}

/** One pipeline's file, with what lies under and over it, for one environment. */
export function compileDefinition(
	defaults: Source | null,
	pipeline: Source,
	environment: string,
	kinds: ConsumerDefinitions,
	itemSchema: ReadItemSchema | null,
): CompiledDefinition {
	const root = composeLayers(defaults, pipeline, environment);
	// The shape check fills in defaults; what was merged stays as written.
	const value = structuredClone(root.value) as ValueObject;
	const { conditions, problems } = compileConditions(value, (path) => sourceText(root, path));
	const malformed = [...checkShape(value, kinds), ...problems];
	const toDiagnostics = (found: PathDiagnostic[]) =>
		found
			.filter((problem) => !isReportedNull(root, problem))
			.map((problem) => place(problem, findOrigin(root, problem.path)));
	if (malformed.length > 0) return { definition: null, diagnostics: toDiagnostics(malformed) };

	const consumers = buildConsumers(value, conditions, (path) => pathsOfEnvironment(root, path, environment));
	const definition = buildDefinition(value, environment, consumers, itemSchema?.summary ?? null);
	const isWritten = (...path: (string | number)[]) => findAnnotated(root, path) !== undefined;
	const isOwn = (...path: (string | number)[]) => isWrittenIn(pipeline, findAnnotated(root, path));
	const meaning = checkMeaning({ definition, consumers, kinds, itemSchema, isWritten, isOwn });
	const refused = meaning.some(({ code }) => DIAGNOSTIC_CODES[code].severity === "error");
	return { definition: refused ? null : definition, diagnostics: toDiagnostics(meaning) };
}

/** A problem in a file, with its place there. */
export function place({ code, path, at, detail, help }: PathDiagnostic, origin: Origin | null): Diagnostic {
	if (origin === null) throw new Error(`nobody wrote ${formatPath(path)}`);
	const range = locate(origin.source, origin.path, at);
	return {
		code,
		...DIAGNOSTIC_CODES[code],
		file: origin.source.file,
		...range,
		path: formatPath(origin.path),
		detail,
		help,
	};
}

/** A key that is given without a value has been reported as that; that it is missing is the same news again. */
function isReportedNull(root: Annotated, { code, path }: PathDiagnostic): boolean {
	const origin = code === "key-missing" ? findOrigin(root, path) : null;
	return origin?.source.missing.some((missing) => formatPath(missing) === formatPath(origin.path)) ?? false;
}

/** Whether a value, or a part of it, stands in a file. */
function isWrittenIn(source: Source, annotated: Annotated | undefined): boolean {
	if (annotated === undefined) return false;
	return (
		annotated.origin?.source === source || [...annotated.members.values()].some((each) => isWrittenIn(source, each))
	);
}

function sourceText(root: Annotated, path: DocumentPath): string {
	const origin = findOrigin(root, path);
	return origin ? sourceTextAt(origin.source, origin.path) : "";
}

/** Paths below `base`, relative to it, whose values the environment's overlay wrote; a list counts as one value. */
function pathsOfEnvironment(root: Annotated, base: DocumentPath, environment: string): (string | number)[][] {
	const found: (string | number)[][] = [];
	const visit = (annotated: Annotated, path: (string | number)[]): void => {
		const isLeaf = annotated.members.size === 0 || Array.isArray(annotated.value);
		const [first, second] = annotated.origin?.path ?? [];
		if (isLeaf && first === "environments" && second === environment) found.push(path);
		if (!isLeaf) for (const [key, member] of annotated.members) visit(member, [...path, key]);
	};
	const start = findAnnotated(root, base);
	if (start !== undefined) visit(start, []);
	return found;
}
