import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Which rooms and packages each room may import; the first rule whose folder holds the file applies.
 * `types` may be imported as types only. `node` stands for every node: module.
 */
interface Rule {
	room: string;
	rooms?: string[];
	types?: string[];
	packages?: string[];
	why: string;
}

const RULES: Rule[] = [
	{ room: "framework/diagnostics", packages: ["node", "leven"], why: "a leaf: everything reports through it" },
	{
		room: "framework/contract",
		types: ["framework/diagnostics"],
		packages: [],
		why: "a leaf: both sides of a kind share it",
	},
	{
		room: "framework/definition",
		rooms: ["framework/diagnostics", "framework/contract", "schemas"],
		packages: ["node", "yaml", "jsonc-parser", "ajv"],
		why: "text to definition; the registry comes as a parameter",
	},
	{
		room: "framework/plan",
		rooms: ["framework/contract", "framework/definition/types.ts"],
		packages: ["node:crypto"],
		why: "pure: no file, clock, environment or network",
	},
	{
		room: "framework/project",
		rooms: [
			"framework/diagnostics",
			"framework/contract",
			"framework/definition",
			"framework/plan",
			"consumers/definitions.ts",
		],
		packages: ["node"],
		why: "a project's files to its plan; what the commands and the deployment share",
	},
	{
		room: "framework/runtime",
		rooms: ["framework/contract"],
		packages: ["node", "@aws-sdk"],
		why: "what runs in Lambda: no compiler in the bundle",
	},
	{
		room: "framework/bundle",
		rooms: ["framework/contract"],
		types: ["framework/plan"],
		packages: ["node", "esbuild"],
		why: "names the runtime by path; never imports it",
	},
	{
		room: "framework/deploy",
		rooms: [
			"framework/diagnostics",
			"framework/contract",
			"framework/project",
			"framework/bundle",
			"framework/plan/names.ts",
		],
		types: ["framework/plan", "framework/definition"],
		packages: ["node", "@pulumi"],
		why: "a plan in, resources out; nothing else is known of a pipeline",
	},
	{
		room: "framework/local",
		rooms: ["framework/contract", "framework/runtime", "framework/bundle"],
		types: ["framework/plan"],
		packages: ["node", "@aws-sdk", "dynalite"],
		why: "a plan in, a running pipeline out",
	},
	{
		room: "framework/lake",
		rooms: ["framework/contract", "framework/runtime"],
		packages: ["node", "@aws-sdk", "@duckdb/node-api"],
		why: "reads what the lake function wrote, wherever S3 is",
	},
	{
		room: "framework/operations",
		rooms: ["framework/contract", "framework/runtime", "framework/lake"],
		types: ["framework/plan"],
		packages: ["node", "@aws-sdk"],
		why: "sends again what was kept, wherever it is deployed",
	},
	{
		room: "framework/rehearsal",
		rooms: ["framework/contract", "framework/runtime", "framework/local"],
		types: ["framework/plan"],
		packages: ["node"],
		why: "runs a plan's functions on given writes; the kinds come as a parameter",
	},
	{
		room: "framework/cli",
		rooms: ["framework", "schemas", "consumers/definitions.ts", "consumers/deliverers.ts"],
		packages: ["node", "@aws-sdk", "yaml"],
		why: "the root that joins things up",
	},
	{
		room: "framework/testing",
		rooms: ["framework", "consumers"],
		packages: [
			...["node", "vitest", "yaml", "ajv", "@aws-sdk", "fast-check", "standardwebhooks", "cloudevents", "marked"],
			...["@pulumi", "@grpc/grpc-js", "google-protobuf", "typescript", "esbuild"],
		],
		why: "imported by tests only; the simulation bundles what it simulates",
	},
	{ room: "consumers/definitions.ts", rooms: ["framework/contract", "consumers"], packages: [], why: "a line a kind" },
	{
		room: "consumers/deliverers.ts",
		rooms: ["framework/contract", "consumers"],
		types: ["consumers/definitions.ts"],
		packages: [],
		why: "a line a kind",
	},
	{
		room: "consumers",
		rooms: ["framework/contract", "framework/diagnostics"],
		packages: ["node", "@aws-sdk"],
		why: "a kind knows the contract and itself",
	},
];

/** Imports that two sides of one kind may not cross, and kinds may not share. */
function crossesKind(file: string, target: string): boolean {
	if (!file.startsWith("consumers/")) return false;
	const [, kind, name] = file.split("/");
	if (!target.startsWith("consumers/") || name === undefined) return false;
	if (target.split("/")[1] !== kind) return true;
	return (
		(name === "deliver.ts" && target.endsWith("/definition.ts")) ||
		(name === "definition.ts" && target.endsWith("/deliver.ts"))
	);
}

function sourceFiles(folder: string): string[] {
	return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name))
		.map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

interface Import {
	specifier: string;
	typeOnly: boolean;
}

function importsOf(text: string): Import[] {
	const found: Import[] = [];
	const visit = (node: ts.Node): void => {
		if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
			const typeOnly = ts.isImportDeclaration(node)
				? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
				: node.isTypeOnly;
			found.push({ specifier: (node.moduleSpecifier as ts.StringLiteral).text, typeOnly });
		} else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
			const [argument] = node.arguments;
			if (argument && ts.isStringLiteral(argument)) found.push({ specifier: argument.text, typeOnly: false });
		}
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile("x.ts", text, ts.ScriptTarget.Latest, true));
	return found;
}

const within = (place: string, room: string): boolean => place === room || place.startsWith(`${room}/`);
const packageMatches = (specifier: string, allowed: string): boolean =>
	allowed === "node" ? specifier.startsWith("node:") : within(specifier, allowed);

/** What is wrong with a file's imports, in words. */
function violations(file: string, text: string): string[] {
	const rule = RULES.find(({ room }) => within(file, room));
	if (!rule) return [`${file}: no rule covers this folder; add one to RULES`];
	return importsOf(text).flatMap(({ specifier, typeOnly }) => {
		const complaint = [`${file} imports ${specifier}, but ${rule.room} may not (${rule.why})`];
		if (!specifier.startsWith("."))
			return (rule.packages ?? []).some((allowed) => packageMatches(specifier, allowed)) ? [] : complaint;
		const target = relative(root, resolve(root, dirname(file), specifier)).replaceAll("\\", "/");
		if (crossesKind(file, target)) return complaint;
		const own = within(target, rule.room);
		const allowed = (rule.rooms ?? []).some((room) => within(target, room));
		const asType = typeOnly && (rule.types ?? []).some((room) => within(target, room));
		return own || allowed || asType ? [] : complaint;
	});
}

test("dependencies point one way", () => {
	const files = [...sourceFiles("framework"), ...sourceFiles("consumers")];
	expect(files.length).toBeGreaterThan(20);
	expect(files.flatMap((file) => violations(file, readFileSync(join(root, file), "utf8")))).toEqual([]);
});

test("the rules can fail", () => {
	expect(violations("framework/plan/x.ts", 'import { readFileSync } from "node:fs";')).toHaveLength(1);
	expect(violations("framework/runtime/x.ts", 'import { compilePlan } from "../plan/compile.ts";')).toHaveLength(1);
	expect(violations("framework/bundle/x.ts", 'import { PLAN_FORMAT_VERSION } from "../plan/types.ts";')).toHaveLength(
		1,
	);
	expect(violations("framework/bundle/x.ts", 'import type { Plan } from "../plan/types.ts";')).toEqual([]);
	expect(violations("consumers/http/deliver.ts", 'import { definition } from "./definition.ts";')).toHaveLength(1);
	expect(violations("consumers/http/deliver.ts", 'import { a } from "../s3/deliver.ts";')).toHaveLength(1);
	expect(violations("framework/runtime/x.ts", 'const m = await import("ajv");')).toHaveLength(1);
});

test("shared code names no kind", () => {
	const kinds = readdirSync(join(root, "consumers"), { withFileTypes: true }).flatMap((entry) =>
		entry.isDirectory() ? [entry.name] : [],
	);
	// `http` and `lambda` are also protocols and services: only a comparison with, or a lookup by, a kind's name counts.
	const patterns = kinds.map(
		(kind) => new RegExp(`kind\\s*(===|!==|==|!=|:)\\s*["']${kind}["']|case\\s+["']${kind}["']`),
	);
	const shared = sourceFiles("framework").filter((file) => !within(file, "framework/testing"));
	const named = shared.filter((file) =>
		patterns.some((pattern) => pattern.test(readFileSync(join(root, file), "utf8"))),
	);
	expect(named).toEqual([]);
});

test("the architecture page names every folder of the framework", () => {
	const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
	const folders = readdirSync(join(root, "framework"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
	const missing = folders.map(({ name }) => `framework/${name}`).filter((name) => !page.includes(`| \`${name}\` |`));
	expect(missing).toEqual([]);
});
