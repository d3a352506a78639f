import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readConfiguration } from "../../framework/deploy/configuration.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";
import { checkProviderConfig } from "../../framework/testing/pulumi/check-inputs.ts";
import { readProjectFile, readStackFile } from "../../framework/testing/pulumi/project-file.ts";
import { readProviderTypes } from "../../framework/testing/pulumi/provider-types.ts";
import { captureDeployment, goldenFolder } from "./capture.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const types = readProviderTypes();
const stacks = readdirSync(root).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);

test.each(stacks)("Pulumi.%s.yaml says nothing that the provider or the program does not know", (stack) => {
	const config = readStackFile(root, "tributary", stack);
	expect(checkProviderConfig(config, types)).toEqual([]);
	expect(readConfiguration(config, stack).problems).toEqual([]);
});

test("prod protects, dev and local can be destroyed", () => {
	const protects = (stack: string) =>
		readConfiguration(readStackFile(root, "tributary", stack), stack).configuration.protect;
	expect(stacks.map((stack) => [stack, protects(stack)])).toEqual([
		["dev", false],
		["local", false],
		["prod", true],
	]);
});

test("an emulator is one element with each service once", () => {
	const endpoints = JSON.parse(readStackFile(root, "tributary", "local")["aws:endpoints"] ?? "[]");
	expect(endpoints).toHaveLength(1);
	// Other names of one service: the provider warns at two of them.
	const ALIASES = ["cloudwatchlogs", "cloudwatchlog", "cloudwatchevents", "eventbridge", "applicationautoscaling"];
	expect(Object.keys(endpoints[0]).filter((name) => ALIASES.includes(name))).toEqual([]);
	for (const service of ["cloudwatch", "dynamodb", "iam", "kinesis", "lambda", "logs", "s3", "sts"])
		expect(Object.keys(endpoints[0])).toContain(service);
});

test("whatever an emulator is asked to make goes to it, and nothing to AWS", async () => {
	const endpoints = JSON.parse(readStackFile(root, "tributary", "local")["aws:endpoints"] ?? "[]");
	const made = new Set<string>();
	for (const name of readdirSync(goldenFolder)) {
		const yaml = readFileSync(`${goldenFolder}/${name}/${name}.yaml`, "utf8");
		const { graph } = await captureDeployment(planYaml(name, yaml, "local"));
		for (const { type } of graph.resources)
			if (type.startsWith("aws:")) made.add(type.endsWith(":LogGroup") ? "logs" : (type.split(/[:/]/)[1] ?? ""));
	}
	expect([...made].filter((service) => !Object.hasOwn(endpoints[0], service))).toEqual([]);
	expect([...made]).toContain("scheduler");
});

test("Node runs the program itself", () => {
	expect(readProjectFile(root)).toMatchObject({ name: "tributary", main: "program.ts", typescript: false });
});
