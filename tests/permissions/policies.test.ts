import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Statement, StatementResource } from "../../framework/contract/statement.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";
import { isWildcard } from "./iam.ts";

const root = fileURLToPath(new URL("../golden/valid", import.meta.url));
const pipelinesOf = (name: string) => planYaml(name, readFileSync(join(root, name, `${name}.yaml`), "utf8")).pipelines;

/** Of the functions, and of the schedules that invoke them. */
const rolesOf = (name: string): { id: string; name: string; statements: Statement[] }[] =>
	pipelinesOf(name).flatMap(({ functions, resources }) => [
		...functions,
		...resources.flatMap(({ type, properties, ...schedule }) =>
			type === "AWS::Scheduler::Schedule" ? [{ ...schedule, statements: properties.statements }] : [],
		),
	]);

function describeResource(resource: StatementResource): string {
	if (typeof resource === "string") return resource;
	return "kmsKey" in resource ? `the key ${resource.kmsKey}` : `the ${resource.attribute} of ${resource.resource}`;
}

function describeStatement({ sid, actions, resources, conditions, why }: Statement): string[] {
	const limits = Object.entries(conditions).flatMap(([operator, keys]) =>
		Object.entries(keys).map(([key, values]) => `    if ${operator} ${key} ${values.join(", ")}`),
	);
	return [
		`  ${sid}: ${actions.join(", ")}`,
		...resources.map((resource) => `    on ${describeResource(resource)}`),
		...limits,
		`    ${why}`,
	];
}

describe.each(readdirSync(root).sort())("%s", (name) => {
	// What a role may do, for whoever judges it. `vitest -u` rewrites it: read the difference.
	test("the policies of its roles", async () => {
		const text = rolesOf(name)
			.map((role) => [role.name, ...role.statements.flatMap(describeStatement)].join("\n"))
			.join("\n\n");
		await expect(`${text}\n`).toMatchFileSnapshot(join(root, name, "policies.txt"));
	});

	test("no wildcard without a written reason, none in an action, none but at the end of what is known", () => {
		for (const { id, statements } of rolesOf(name)) {
			expect(new Set(statements.map(({ sid }) => sid)).size).toBe(statements.length);
			for (const statement of statements) expect([id, ...complaints(statement)]).toEqual([id]);
		}
	});
});

/** What a reviewer would refuse. */
function complaints({ sid, actions, resources, conditions, why }: Statement): string[] {
	const patterns = resources.filter((resource) => typeof resource === "string");
	const open = patterns.filter(isWildcard);
	const rows = Object.values(conditions)
		.flatMap((keys) => Object.values(keys).flat())
		.filter(isWildcard);
	// The first sentence says what for, the second why not less.
	const reasons = why.split(/\. (?=[A-Z])/).length;
	return [
		...actions.filter(isWildcard).map((action) => `${sid} allows ${action}`),
		...open.filter((pattern) => !ENDS_OPEN.test(pattern)).map((pattern) => `${sid} reaches all of ${pattern}`),
		...(open.length + rows.length > 0 && reasons < 2
			? [`${sid} does not say why ${[...open, ...rows].join(", ")}`]
			: []),
	];
}

/** One thing of one service is known, and below it something that narrows it: a prefix of a bucket, a table's streams, a log group, a secret's name. */
const ENDS_OPEN =
	/^arn:[^*?]+:(s3:::[^*?/]+\/[^*?]+\/\*|dynamodb:[^*?]+:table\/[^*?/]+\/stream\/\*|logs:[^*?]+:log-group:[^*?]+:\*|secretsmanager:[^*?]+:secret:[^*?]+-\?{6})$/;

test("a reviewer's refusals can be had", () => {
	const statement = { sid: "A", conditions: {}, why: "Reads. Names are not known." };
	const refused = (change: Partial<Statement>) =>
		complaints({ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::b/a/*"], ...statement, ...change });
	expect(refused({})).toEqual([]);
	expect(refused({ why: "Reads." })).toHaveLength(1);
	expect(refused({ actions: ["s3:*"] })).toHaveLength(1);
	for (const resource of ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::*/a/*", "arn:aws:logs:r:1:*"])
		expect(refused({ resources: [resource] })).toHaveLength(1);
	expect(refused({ why: "Reads.", resources: ["arn:aws:s3:::b/a${*}b"] })).toEqual([]);
	expect(refused({ why: "Reads.", resources: [], conditions: { StringLike: { k: ["a/*"] } } })).toHaveLength(1);
});

/** IAM user guide, "IAM and AWS STS quotas": characters of all inline policies of a role, white space not counted. */
const ROLE_CHARACTERS = 10_240;

test("a direct router of many consumers fits a role's policies", () => {
	const consumers = Array.from(
		{ length: 40 },
		(_, index) => `{ name: consumer-${index}, kind: s3, with: { content: record } }`,
	);
	const yaml = `name: orders\ntable: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }\nfanOut: direct\nconsumers: [${consumers.join(", ")}]`;
	const router = planYaml("orders", yaml).pipelines[0]?.functions.find(({ id }) => id === "router");
	const policy = router?.statements.map(({ why: _, ...rest }) => rest);
	expect(JSON.stringify(policy).length).toBeLessThan(ROLE_CHARACTERS * 0.8);
});

test("the page names every statement that a role can have, and no other", () => {
	const page = readFileSync(new URL("../../docs/permissions.md", import.meta.url), "utf8");
	const rows = page.split("\n").filter((line) => line.startsWith("| `"));
	const named = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, sid]) => sid));
	const planned = readdirSync(root).flatMap((name) => rolesOf(name).flatMap(({ statements }) => statements));
	expect(named.sort()).toEqual([...new Set(planned.map(({ sid }) => sid))].sort());
});
