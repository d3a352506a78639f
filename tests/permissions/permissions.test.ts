import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { definitions } from "../../consumers/definitions.ts";
import { bind, bindManifest } from "../../framework/contract/manifest.ts";
import type { StatementResource } from "../../framework/contract/statement.ts";
import { systemClock } from "../../framework/local/clock.ts";
import { startForTest, type TestDynamoDb } from "../../framework/local/dynamodb/start-for-test.ts";
import type { PipelinePlan, PlannedFunction } from "../../framework/plan/types.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";
import { allows, type BoundStatement, matches, type Request } from "./iam.ts";
import { keyArn, keyRequests, madeArn, mappingRequests } from "./mapping-requests.ts";
import { createStateTable, recordCalls } from "./record-calls.ts";
import { PLACE } from "./requests.ts";

const root = fileURLToPath(new URL("../golden/valid", import.meta.url));

const names = readdirSync(root).sort();
const subjects = new Map<string, Subject[]>();

let dynamodb: TestDynamoDb;
beforeAll(async () => {
	dynamodb = await startForTest({ clock: systemClock });
	for (const name of names) subjects.set(name, await subjectsOf(name));
});
afterAll(() => dynamodb.stop());

/** Everything that a function's role is asked for, by its own code and by Lambda. */
interface Subject {
	planned: PlannedFunction;
	statements: BoundStatement[];
	requests: Request[];
}

function bindStatements(pipeline: PipelinePlan, planned: PlannedFunction): BoundStatement[] {
	const resolve = (resource: StatementResource): string => {
		if (typeof resource === "string") return resource;
		return "kmsKey" in resource ? keyArn(resource.kmsKey) : madeArn(pipeline, resource.resource);
	};
	return bind(
		planned.statements.map((each) => ({ ...each, resources: each.resources.map(resolve) })),
		PLACE,
	);
}

async function subjectsOf(name: string): Promise<Subject[]> {
	const yaml = readFileSync(`${root}/${name}/${name}.yaml`, "utf8");
	const [unbound] = planYaml(name, yaml).pipelines;
	if (!unbound) throw new Error(`${name} is switched off`);
	const pipeline: PipelinePlan = {
		...unbound,
		resources: bind(unbound.resources, PLACE),
		functions: unbound.functions.map((each) => ({
			...each,
			mapping: bind(each.mapping, PLACE),
			manifest: bindManifest(each.manifest, PLACE),
		})),
	};
	const [first] = pipeline.functions;
	// The environment's, whichever pipeline is planned.
	await createStateTable(dynamodb.client, first?.manifest.stateTable ?? "").catch(() => {});
	return Promise.all(
		pipeline.functions.map(async (planned) => ({
			planned,
			statements: bindStatements(pipeline, planned),
			requests: [
				...(await recordCalls(planned, dynamodb.client)),
				...mappingRequests(pipeline, planned),
				...keyRequests(planned, parse(yaml)),
			],
		})),
	);
}

const describeRequest = ({ action, resource, context }: Request): string =>
	`${action} on ${resource} ${JSON.stringify(context)}`;

describe.each(names)("%s", (name) => {
	test("each call is allowed", () => {
		for (const { planned, statements, requests } of subjects.get(name) ?? []) {
			expect(requests.length).toBeGreaterThan(0);
			const denied = requests.filter((request) => !statements.some((statement) => allows(statement, request)));
			expect([planned.id, [...new Set(denied.map(describeRequest))]]).toEqual([planned.id, []]);
		}
	});

	test("a bucket of the environment's that became another account's is reached by nobody", () => {
		for (const { planned, statements, requests } of subjects.get(name) ?? []) {
			const abroad = requests
				.filter(({ resource }) => resource.startsWith("arn:aws:s3:::tributary-"))
				.map((request) => ({ ...request, context: { "s3:ResourceAccount": ["999999999999"] } }));
			expect(abroad.length).toBeGreaterThan(0);
			const allowed = abroad.filter((request) => statements.some((statement) => allows(statement, request)));
			expect([planned.id, allowed.map(describeRequest)]).toEqual([planned.id, []]);
		}
	});

	test("each action and each resource of each statement is used by a call", () => {
		for (const { planned, statements, requests } of subjects.get(name) ?? []) {
			const unused = statements.flatMap((statement) => {
				const used = requests.filter((request) => allows(statement, request));
				return [
					...statement.actions.filter((action) => !used.some((each) => each.action === action)),
					...statement.resources.filter((resource) => !used.some((each) => matches(resource, each.resource))),
				].map((what) => `${statement.sid}: ${what}`);
			});
			expect([planned.id, unused]).toEqual([planned.id, []]);
		}
	});
});

test("the golden plans have every kind", () => {
	const kinds = [...subjects.values()].flat().flatMap(({ planned }) => planned.kinds);
	expect([...new Set(kinds)].sort()).toEqual(Object.keys(definitions).sort());
});

/** What one function may do of what another's calls need. */
function trespasses(one: Subject, other: Subject): string[] {
	return other.requests
		.filter((request) => one.statements.some((statement) => allows(statement, request)))
		.map((request) => `${one.planned.name} may do ${describeRequest(request)} of ${other.planned.name}`);
}

test("in what functions share, none reaches what is another's", () => {
	const all = [...subjects].flatMap(([name, list]) => list.map((subject) => ({ name, subject })));
	const found = all.flatMap((one) =>
		all
			.filter((other) => other !== one)
			.flatMap((other) =>
				trespasses(one.subject, other.subject).filter(
					(text) => !SHARED_BY_ALL.test(text) && !(one.name === other.name && SHARED_IN_PIPELINE.test(text)),
				),
			),
	);
	expect([...new Set(found)]).toEqual([]);
});

/** Mappings name their dumps by an id that is not known beforehand: theirs is a place that functions share. */
const SHARED_BY_ALL = /may do (s3:PutObject on \S+\/aws\/lambda\/|s3:ListBucket on \S+-operations-)/;

/** A pipeline's functions read its streams and its claim checks, and may name one secret. */
const SHARED_IN_PIPELINE =
	/may do (dynamodb:\w+ on \S+\/stream\/|kms:|kinesis:|s3:GetObject on \S+\/claim-checks\/|secretsmanager:|ssm:)/;

describe("the evaluator", () => {
	const statement = (change: Partial<BoundStatement>): BoundStatement => ({
		sid: "A",
		actions: ["s3:PutObject"],
		resources: ["arn:aws:s3:::b/a/*"],
		conditions: {},
		why: "",
		...change,
	});
	const request = (change: Partial<Request> = {}): Request => ({
		action: "s3:PutObject",
		resource: "arn:aws:s3:::b/a/key",
		context: {},
		...change,
	});

	test("takes action, resource and condition together", () => {
		expect(allows(statement({}), request())).toBe(true);
		expect(allows(statement({}), request({ action: "s3:GetObject" }))).toBe(false);
		expect(allows(statement({}), request({ resource: "arn:aws:s3:::b/ab" }))).toBe(false);
		const own = statement({ conditions: { StringEquals: { "s3:ResourceAccount": ["1"] } } });
		expect(allows(own, request({ context: { "s3:ResourceAccount": ["1"] } }))).toBe(true);
		expect(allows(own, request({ context: { "s3:ResourceAccount": ["2"] } }))).toBe(false);
		expect(allows(own, request())).toBe(false);
		const rows = statement({ conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["o/a"] } } });
		expect(allows(rows, request({ context: { "dynamodb:LeadingKeys": ["o/a", "o/b"] } }))).toBe(false);
		const below = statement({ conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["o/a/*"] } } });
		expect(allows(below, request({ context: { "dynamodb:LeadingKeys": ["o/a/1"] } }))).toBe(true);
		expect(allows(below, request({ context: { "dynamodb:LeadingKeys": ["o/ab/1"] } }))).toBe(false);
		expect(() => allows(statement({ conditions: { Bool: { x: ["true"] } } }), request())).toThrow("Bool");
	});

	test("tells wildcards from characters that stand for themselves", () => {
		expect(matches("secret:a-??????", "secret:a-a1B2c3")).toBe(true);
		expect(matches("secret:a-??????", "secret:a-b-a1B2c3")).toBe(false);
		expect(matches("b/a${*}b/*", "b/a*b/key")).toBe(true);
		expect(matches("b/a${*}b/*", "b/axb/key")).toBe(false);
		expect(matches("f:${$}LATEST", "f:$LATEST")).toBe(true);
		expect(matches("a.b", "axb")).toBe(false);
	});
});
