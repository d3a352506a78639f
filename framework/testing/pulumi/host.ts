import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import resourceServices from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import { Engine, type EngineSettings } from "./engine.ts";
import type { Graph } from "./graph.ts";
import { configText, type ProjectFile, readProjectFile, readStackFile } from "./project-file.ts";
import { asService, engineMethods, type LogEntry, monitorMethods } from "./services.ts";
import type { State } from "./settle.ts";

export interface RunSettings extends Omit<EngineSettings, "project" | "region"> {
	/** Over what `Pulumi.yaml` and `Pulumi.<stack>.yaml` say; undefined takes a setting away. A bare key is the project's own. */
	config?: Readonly<Record<string, unknown>>;
	/** Settings that are secret, in plain text: they reach the program as the CLI hands them over. */
	secrets?: Readonly<Record<string, string>>;
	/** Milliseconds after which a program that has not ended is ended. */
	limit?: number;
	/** The environment beside what Pulumi sets; nothing of this process's own but PATH. */
	environment?: Readonly<Record<string, string>>;
}

export interface Run {
	/** 0: done. 32: failed, and the program said why. Anything else: failed. Null: ended at the limit. */
	exitCode: number | null;
	graph: Graph;
	state: State;
	/** What the program logged, without debug messages. */
	logs: LogEntry[];
	stdout: string;
	stderr: string;
	milliseconds: number;
	/** Processor time: what a busy machine changes little. Null if the program was ended at the limit. */
	cpuMilliseconds: number | null;
}

const LIMIT = 60_000;
/** Writes the process's own processor time to a pipe of ours when it ends. */
const REPORT_CPU = `--import=data:text/javascript,${encodeURIComponent(
	'import{writeSync}from"node:fs";process.on("exit",()=>{const{user,system}=process.cpuUsage();writeSync(3,String(user+system))})',
)}`;
const ENTRY = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run");

/** Runs the program of a Pulumi project as `pulumi up`, or `preview`, would: in its real host, against an engine with an imagined AWS. */
export async function runProgram(directory: string, settings: RunSettings): Promise<Run> {
	const root = resolve(directory);
	const project = readProjectFile(root);
	const { config, secretKeys } = configOf(root, project, settings);
	const region = config["aws:region"];
	const { name, workingDirectory } = project;
	const engine = new Engine({ ...settings, project: name, workingDirectory, ...(region && { region }) });
	const logs: LogEntry[] = [];
	const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
	server.addService(
		resourceServices.ResourceMonitorService as unknown as ServiceDefinition,
		asService(monitorMethods(engine)),
	);
	server.addService(
		engineServices.EngineService as unknown as ServiceDefinition,
		asService(engineMethods(engine, logs)),
	);
	const address = await listen(server);
	try {
		const started = performance.now();
		const ended = await start(
			project,
			[...project.nodeArguments, ENTRY, ...flags(root, project, settings, address)],
			{
				...settings.environment,
				PULUMI_CONFIG: JSON.stringify(config),
				PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
				PULUMI_NODEJS_TYPESCRIPT: String(project.typescript),
			},
			settings.limit ?? LIMIT,
		);
		const milliseconds = performance.now() - started;
		const said = logs.filter(({ severity }) => severity !== "debug");
		return { ...ended, graph: engine.graph, state: engine.state, logs: said, milliseconds };
	} finally {
		server.forceShutdown();
	}
}

function configOf(
	root: string,
	project: ProjectFile,
	{ stack, config = {}, secrets = {} }: RunSettings,
): { config: Record<string, string>; secretKeys: string[] } {
	const full = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);
	const all: Record<string, string> = { ...project.config, ...readStackFile(root, project.name, stack) };
	for (const [key, value] of Object.entries({ ...config, ...secrets }))
		if (value === undefined) delete all[full(key)];
		else all[full(key)] = configText(value);
	return { config: all, secretKeys: Object.keys(secrets).map(full) };
}

function flags(root: string, project: ProjectFile, { stack, preview }: RunSettings, address: string): string[] {
	return [
		`--monitor=${address}`,
		`--engine=${address}`,
		`--project=${project.name}`,
		`--stack=${stack}`,
		"--organization=organization",
		`--root-directory=${root}`,
		`--pwd=${project.workingDirectory}`,
		// The CLI's own default is four for each core; any number above one means "not one after another".
		"--parallel=16",
		...(preview ? ["--dry-run"] : []),
		project.main,
	];
}

function listen(server: Server): Promise<string> {
	return new Promise((done, fail) => {
		server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
			error ? fail(error) : done(`127.0.0.1:${port}`),
		);
	});
}

async function start(
	{ workingDirectory }: ProjectFile,
	argv: readonly string[],
	environment: Record<string, string>,
	limit: number,
): Promise<Pick<Run, "exitCode" | "stdout" | "stderr" | "cpuMilliseconds">> {
	const child = spawn(process.execPath, argv, {
		cwd: workingDirectory,
		env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", NODE_OPTIONS: REPORT_CPU, ...environment },
		stdio: ["ignore", "pipe", "pipe", "pipe"],
		timeout: limit,
		killSignal: "SIGKILL",
	});
	const ended = new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done));
	const [stdout = "", stderr = "", cpu = ""] = await Promise.all(
		child.stdio.slice(1, 4).map((stream) => text(stream as Readable)),
	);
	return { exitCode: await ended, stdout, stderr, cpuMilliseconds: cpu === "" ? null : Number(cpu) / 1000 };
}
