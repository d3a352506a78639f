import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { streamEvent } from "../testing/factories.ts";
import { manifestOf } from "../testing/run-handler.ts";
import { buildBundle, writeFunction } from "./build.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "bundle-"));
afterAll(() => rm(folder, { recursive: true }));

const packagesOf = (inputs: readonly string[]): Set<string> =>
	new Set(inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));

test.each([
	[{ role: "lake" as const, kinds: [], secrets: [] }, []],
	[{ role: "router" as const, kinds: [], secrets: [] }, []],
	[{ role: "consumer" as const, kinds: ["http"], secrets: ["ssm:/crm/key"] }, ["http"]],
	[{ role: "router" as const, kinds: ["s3", "lambda", "s3"], secrets: [] }, ["lambda", "s3"]],
])("%j holds its own kinds and nothing of the compiler", async (set, kinds) => {
	const { inputs } = await buildBundle(set, root);
	const packages = packagesOf(inputs);
	for (const name of ["ajv", "yaml", "leven", "dynalite", "esbuild", "@pulumi/pulumi", "@pulumi/aws"])
		expect(packages).not.toContain(name);
	expect(inputs.filter((path) => /definition|schema\.json|^framework\/(plan|cli|local|deploy)\//.test(path))).toEqual(
		[],
	);
	const held = inputs.flatMap((path) => /^consumers\/([^/]+)\//.exec(path)?.[1] ?? []);
	expect([...new Set(held)].sort()).toEqual(kinds);
	expect(packages.has("@aws-sdk/client-kinesis")).toBe(set.role === "router" && kinds.length === 0);
	expect(packages.has("@aws-sdk/client-dynamodb")).toBe(kinds.length > 0);
	expect(packages.has("@aws-sdk/client-ssm")).toBe(set.secrets.length > 0);
	expect(packages.has("@aws-sdk/client-secrets-manager")).toBe(false);
});

test("only who redrives by itself holds what that takes", async () => {
	const http = { role: "consumer" as const, kinds: ["http"], secrets: [] };
	const [plain, redriving] = [await buildBundle(http, root), await buildBundle({ ...http, redrives: ["crm"] }, root)];
	const operations = ({ inputs }: { inputs: string[] }) =>
		inputs.filter((path) => path.startsWith("framework/operations/"));
	expect(operations(plain)).toEqual([]);
	expect(operations(redriving)).toContain("framework/operations/dead-letters/redrive.ts");
	expect(packagesOf(redriving.inputs)).toEqual(packagesOf(plain.inputs));
	expect(redriving.inputs.filter((path) => /^framework\/(plan|cli|local|deploy)\//.test(path))).toEqual([]);
});

test("the same set is bundled once", async () => {
	const one = buildBundle({ role: "router", kinds: ["s3", "lambda"], secrets: ["ssm:/a", "ssm:/b"] }, root);
	expect(buildBundle({ role: "router", kinds: ["lambda", "s3"], secrets: ["ssm:/c"] }, root)).toBe(one);
	await one;
});

test("a function signs with the credentials of its environment, and holds no other source of them", async () => {
	const set = { role: "lake" as const, kinds: [], secrets: [] };
	const sources = [...packagesOf((await buildBundle(set, root)).inputs)].filter((name) => /credential/.test(name));
	expect(sources).toEqual(["@aws-sdk/credential-provider-env"]);
	const heard: IncomingHttpHeaders[] = [];
	const store = createServer(({ headers }, response) => {
		heard.push(headers);
		response.end();
	});
	await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
	vi.stubEnv("AWS_ENDPOINT_URL_S3", `http://127.0.0.1:${(store.address() as AddressInfo).port}`);
	vi.stubEnv("AWS_REGION", "eu-west-1");
	vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDROLE");
	vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
	vi.stubEnv("AWS_SESSION_TOKEN", "token-of-the-role");
	// Where the chain would look first, and find nothing.
	vi.stubEnv("AWS_PROFILE", "nobody");
	const manifest = manifestOf({ function: "lake", role: "lake", lake: { bucket: "lake", compression: "gzip" } });
	const lake = join(folder, "lake");
	await writeFunction(lake, { ...set, manifest }, { accountId: "123456789012", region: "eu-west-1" }, root);
	const { handler } = await import(pathToFileURL(join(lake, "index.mjs")).href);
	const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 10_000 };
	expect(await handler(streamEvent([{ item: "a", number: 1 }]), context)).toEqual({ batchItemFailures: [] });
	store.closeAllConnections();
	store.close();
	vi.unstubAllEnvs();
	expect(heard).toHaveLength(1);
	expect(heard[0]?.authorization).toContain("Credential=AKIDROLE/");
	expect(heard[0]?.["x-amz-security-token"]).toBe("token-of-the-role");
});

test("a written function loads and answers, with the names of its place", async () => {
	const manifest = manifestOf({ stateTable: "state-${accountId}", consumers: [] });
	const planned = { role: "router" as const, kinds: [], secrets: [], manifest };
	const router = join(folder, "router");
	const hash = await writeFunction(router, planned, { accountId: "123456789012", region: "eu-west-1" }, root);
	expect(hash).toMatch(/^[0-9a-f]{64}$/);
	expect((await readdir(router)).sort()).toEqual(["index.mjs", "manifest.json"]);
	expect(JSON.parse(await readFile(join(router, "manifest.json"), "utf8")).stateTable).toBe("state-123456789012");
	const { handler } = await import(pathToFileURL(join(router, "index.mjs")).href);
	const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 10_000 };
	expect(await handler({ Records: [] }, context)).toEqual({ batchItemFailures: [] });
	await expect(handler({}, context)).rejects.toThrow("Records");
});
