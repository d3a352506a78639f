/** The process around the commands: streams, signals, exit code. Everything testable is in run.ts. */
import { run } from "./run.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

// A vanished parent leaves no signal behind: npm that was killed orphans its child, and the child would hold the port.
const parent = process.ppid;
const watch = setInterval(() => {
	if (process.ppid !== parent) stop.abort();
}, 1000);
watch.unref();

// A reader that closes the pipe early (`| head`) is not a failure.
for (const stream of [process.stdout, process.stderr])
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") process.exit(0);
		throw error;
	});

process.exitCode = await run(process.argv.slice(2), {
	stdout: (text) => process.stdout.write(text),
	stderr: (text) => process.stderr.write(text),
	cwd: process.cwd(),
	env: process.env,
	terminal: process.stderr.isTTY === true,
	printsToTerminal: process.stdout.isTTY === true,
	signal: stop.signal,
});
