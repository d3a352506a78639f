import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { build, type Plugin } from "esbuild";
import type { startMapping } from "./mapping-code.ts";
import type { compilePlan } from "./planner-code.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const require = createRequire(import.meta.url);

/** One line of the project's sources, changed. `from` stands exactly once in the file. */
export interface Mutation {
	/** Relative to the project. */
	file: string;
	from: string;
	to: string;
}

/** What the code of a container finds in place of the clock, chance and timers of its process. */
export interface Surroundings {
	timeout(milliseconds: number): AbortSignal;
	/** Aborts with the first of them. */
	any(signals: readonly AbortSignal[]): AbortSignal;
}

type ContainerCode = typeof import("./container-code.ts");

/** The code that is simulated. */
export interface Code {
	/** Evaluates the runtime anew, as a fresh container does: no two share a module's state. */
	openContainer(surroundings: Surroundings): ContainerCode;
	compilePlan: typeof compilePlan;
	startMapping: typeof startMapping;
	operator: typeof import("./operator-code.ts");
}

/** Loads the project's own code, with a mutation in it or without. */
export async function loadCode(mutation: Mutation | null = null): Promise<Code> {
	if (mutation) checkMutation(mutation);
	const hits = { count: 0 };
	const load = (entry: string) => bundle(entry, mutation, hits);
	const parts = ["container-code", "planner-code", "mapping-code", "operator-code"];
	const [container, planner, mapping, operator] = await Promise.all(parts.map(load));
	if (mutation && hits.count === 0) throw new Error(`${mutation.file} is in no part of what is simulated.`);
	return {
		openContainer: container as Code["openContainer"],
		...(planner?.(NOTHING) as Pick<Code, "compilePlan">),
		...(mapping?.(NOTHING) as Pick<Code, "startMapping">),
		operator: operator?.(NOTHING) as Code["operator"],
	};
}

/** Throws unless what the mutation changes is there, once: a mutant must not outlive the line it mutates. */
export function checkMutation({ file, from }: Mutation): void {
	const count = readFileSync(join(ROOT, file), "utf8").split(from).length - 1;
	if (count !== 1) throw new Error(`${file} holds ${count} times, not once: ${from}`);
}

const noContainer = (): never => {
	throw new Error("Only containers have a time.");
};

const NOTHING: Surroundings = { timeout: noContainer, any: noContainer };

/** Real clocks, chance and timers throw: whoever reached for one would make a run that cannot be replayed. */
const DEFINES = {
	"AbortSignal.timeout": "__surroundings.timeout",
	// Node keeps a composite signal for as long as somebody listens to it, and who waits in a container that was killed listens for ever.
	"AbortSignal.any": "__surroundings.any",
	"Date.now": "__surroundings.dateNow",
	"Math.random": "__surroundings.mathRandom",
	setTimeout: "__surroundings.setTimeout",
	setInterval: "__surroundings.setInterval",
	setImmediate: "__surroundings.setImmediate",
};

type Instantiate = (surroundings: Surroundings) => unknown;

async function bundle(entry: string, mutation: Mutation | null, hits: { count: number }): Promise<Instantiate> {
	const result = await build({
		entryPoints: [fileURLToPath(new URL(`${entry}.ts`, import.meta.url))],
		absWorkingDir: ROOT,
		bundle: true,
		write: false,
		format: "cjs",
		platform: "node",
		target: "node24",
		packages: "external",
		define: DEFINES,
		// Imports on demand become calls: they answer at once too.
		supported: { "dynamic-import": false },
		logLevel: "silent",
		plugins: [mutate(mutation, hits), { name: "zlib", setup: compressAtOnce }],
	});
	const text = result.outputFiles[0]?.text ?? "";
	const script = new Script(`(function (require, module, __surroundings) {${text}\n})`, { filename: `${entry}.cjs` });
	const run = script.runInThisContext() as (need: NodeJS.Require, module: { exports: unknown }, around: object) => void;
	return (surroundings) => {
		const module = { exports: {} };
		run(require, module, surroundings);
		return module.exports;
	};
}

function mutate(mutation: Mutation | null, hits: { count: number }): Plugin {
	return {
		name: "mutate",
		setup(build) {
			if (mutation === null) return;
			build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
				if (relative(ROOT, path) !== mutation.file) return null;
				hits.count += 1;
				const contents = readFileSync(path, "utf8").replace(mutation.from, () => mutation.to);
				return { contents, loader: "ts" };
			});
		},
	};
}

/** zlib works in threads of its own, whose order no seed decides; here it answers at once. Least effort: nothing looks at sizes. */
const compressAtOnce: Plugin["setup"] = (build) => {
	build.onResolve({ filter: /^node:zlib$/ }, ({ namespace }) =>
		namespace === "at-once" ? { path: "node:zlib", external: true } : { path: "zlib", namespace: "at-once" },
	);
	build.onLoad({ filter: /.*/, namespace: "at-once" }, () => ({
		contents: `const zlib = require("node:zlib");
			const atOnce = (work) => (data, ...rest) => rest.at(-1)(null, work(data));
			export const gzip = atOnce((data) => zlib.gzipSync(data, { level: 1 }));
			export const zstdCompress = atOnce((data) => zlib.zstdCompressSync(data));`,
		loader: "js",
	}));
};
