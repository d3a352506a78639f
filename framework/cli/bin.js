#!/usr/bin/env node
// Plain JavaScript, so that any Node can start it. The sources are TypeScript, which Node runs by itself from 24.3 on
// (type stripping without a warning); an older Node hands over to the one that `npm ci` installed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 24 || (major === 24 && minor >= 3)) {
	module.enableCompileCache?.();
	await import("./main.ts");
} else {
	const name = process.platform === "win32" ? "node.exe" : "node";
	const binary = fileURLToPath(new URL(`../../node_modules/node/bin/${name}`, import.meta.url));
	if (existsSync(binary)) runOn(binary);
	else {
		process.stderr.write(
			`This needs Node 24.3 or newer and runs on ${process.versions.node}. Run \`npm ci\`, which installs one beside the project, or install a newer Node.\n`,
		);
		process.exitCode = 2;
	}
}

/** Runs this script on another Node and ends as it does. */
function runOn(binary) {
	const child = spawn(binary, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
	// A terminal sends SIGINT to the whole group, the child included; the others reach only this process.
	process.on("SIGINT", () => {});
	for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
	child.on("error", (error) => {
		process.stderr.write(`${binary} cannot be started: ${error.message}\n`);
		process.exitCode = 2;
	});
	child.on("exit", (code, signal) => {
		process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
	});
}
