import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPlan } from "../cli/project.ts";
import { type Engine, startEngine } from "../local/engine.ts";
import type { RunOptions } from "../local/run.ts";
import { type CliResult, createProject, runCli, type TemporaryProject } from "./run-cli.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** A receiver of webhooks that answers as a test wishes, and keeps what it took. */
export interface TestReceiver {
	url: string;
	/** Bodies that were answered with 200, in the order of their arrival. */
	taken: Event[];
	/** The status for an event. */
	answer: (event: Event) => number;
	close(): Promise<void>;
}

/** A CloudEvent, as far as tests look. */
export interface Event {
	id: string;
	subject: string;
	replayid?: string;
	data: { keys: Record<string, unknown>; new: Record<string, unknown> | null; old: Record<string, unknown> | null };
}

export async function startReceiver(): Promise<TestReceiver> {
	const receiver: Pick<TestReceiver, "taken" | "answer"> = { taken: [], answer: () => 200 };
	const server: Server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += chunk;
		const event: Event = JSON.parse(body);
		const status = running.answer(event);
		if (status === 200) running.taken.push(event);
		response.writeHead(status).end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const running: TestReceiver = {
		...receiver,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
	return running;
}

/** `pipeline dev` of a project of its own, in process. */
export interface RunningProject {
	project: TemporaryProject;
	engine: Engine;
	/** A command on the run. */
	cli(argv: readonly string[], signal?: AbortSignal): Promise<CliResult>;
	close(): Promise<void>;
}

export async function runProject(
	files: Readonly<Record<string, string>>,
	options: Pick<RunOptions, "clock"> = {},
): Promise<RunningProject> {
	const project = createProject(files);
	const io = {
		stdout() {},
		stderr(text: string) {
			throw new Error(text);
		},
		cwd: project.root,
		env: {},
		terminal: false,
		printsToTerminal: false,
		signal: new AbortController().signal,
	};
	const plan = await loadPlan(io, { env: "local" });
	if (plan === null) throw new Error("the project has problems");
	const dataDir = join(project.root, ".tributary", "dev");
	const engine = await startEngine({ plan, projectRoot: repository, port: 0, dataDir, ...options });
	return {
		project,
		engine,
		cli: (argv, signal) => runCli(project.root, argv, signal),
		async close() {
			await engine.close();
			project.remove();
		},
	};
}
