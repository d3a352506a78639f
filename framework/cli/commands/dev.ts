import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, startEngine } from "../../local/engine.ts";
import { findProjectRoot } from "../../project/root.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { createDeliveryLog } from "../dev/delivery-log.ts";
import { loadPlan } from "../project.ts";

const DEFAULT_PORT = 8010;
/** Functions are bundled from the code that runs this command. */
const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));

export const dev: Command = {
	name: "dev",
	summary: "Run pipelines on this machine: any AWS SDK writes, consumers receive",
	positionals: "[names…]",
	arity: [0, Number.POSITIVE_INFINITY],
	options: {
		port: { type: "string", value: "N", help: `Port of all services (default ${DEFAULT_PORT}); 0 = a free one.` },
		data: {
			type: "string",
			value: "DIR",
			help: "Where tables, streams, objects and logs lie (default .tributary/dev).",
		},
		fresh: { type: "boolean", help: "Empty the data folder first." },
		format: {
			type: "string",
			choices: ["human", "json"],
			help: "json: one line on stdout when everything is ready.",
		},
	},
	examples: ["pipeline dev", "pipeline dev user-actions --port 0", "pipeline dev --fresh --format json"],
	async run(args, io) {
		const port = parsePort(args.option("port"));
		const plan = await loadPlan(io, { env: "local", names: [...args.positionals] });
		if (plan === null) return 1;
		if (plan.pipelines.length === 0)
			throw new UsageError("There is no pipeline to run: none in `pipelines` is enabled in the environment local.");
		const projectRoot = findProjectRoot(io.cwd) ?? io.cwd;
		const data = args.option("data");
		const dataDir = data === undefined ? join(projectRoot, ".tributary", "dev") : resolve(io.cwd, data);
		const deliveries = createDeliveryLog(io.stderr);
		const engine = await startEngine({
			plan,
			projectRoot: CHECKOUT,
			port,
			dataDir,
			fresh: args.flag("fresh"),
			signal: io.signal,
			onDelivery: deliveries.add,
			onWarning: (text) => io.stderr(`${text}\n`),
		});
		announce(engine, args.option("format") === "json", relative(io.cwd, dataDir) || ".", io);
		await aborted(io.signal);
		io.stderr("Draining…\n");
		await engine.close();
		deliveries.end();
		return 0;
	},
};

function parsePort(text: string | undefined): number {
	if (text === undefined) return DEFAULT_PORT;
	const port = Number(text);
	if (!/^\d+$/.test(text) || port > 65_535)
		throw new UsageError(`--port ${text}: give a whole number from 0 to 65535; 0 takes a free port.`);
	return port;
}

function announce({ endpoint, endpoints, pipelines }: Engine, json: boolean, dataDir: string, io: Io): void {
	if (json) {
		io.stdout(`${JSON.stringify({ ready: true, endpoints, pipelines })}\n`);
		return;
	}
	const tables = pipelines.map(({ name, table }) => `  ${name.padEnd(24)} table ${table}`);
	io.stderr(
		[
			`Running at ${endpoint}. In another terminal:`,
			"",
			// boto3 and version 1 of the AWS CLI read the second name alone.
			`  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1`,
			"  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
			"",
			"then put items with any AWS SDK or the AWS CLI into",
			"",
			...tables,
			"",
			`Objects, tables and logs lie in ${dataDir}; requests to consumers outside: ${endpoint}/_receiver/requests`,
			"Ctrl-C drains and stops.",
			"",
			"",
		].join("\n"),
	);
}

function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		signal.addEventListener("abort", () => resolve(), { once: true });
	});
}
