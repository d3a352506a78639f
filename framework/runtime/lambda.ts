/** What a bundle's generated entry calls: the one place of the runtime that knows the clock, chance and the file system. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { AnyDeliverer, ClientOf } from "../contract/deliver.ts";
import type { Handler } from "../contract/lambda.ts";
import { MANIFEST_FORMAT_VERSION, type Manifest } from "../contract/manifest.ts";
import { createClients } from "./clients.ts";
import type { BaseDependencies, Dependencies, Process } from "./invocation.ts";
import { createJsonObserver } from "./json-observer.ts";
import { createProcessHandler } from "./process-handler.ts";

/** Parts of a role that delivers; a bundle of another role does not hold their code. */
export interface DeliveryParts {
	deliverers: Readonly<Record<string, AnyDeliverer>>;
	stores(manifest: Manifest, base: BaseDependencies): Pick<Dependencies, "state" | "deadLetters" | "secret">;
	/** What the function does beside delivering batches. */
	extend?(handler: Handler, manifest: Manifest, around: Surroundings): Handler;
}

/** What a role is given, and where lines go that are no observer's. */
export interface Surroundings extends BaseDependencies {
	write(line: string): void;
}

/** Makes the handler of the manifest that lies beside the bundle. */
export function serve(process: Process, bundle: string): Handler {
	const { manifest, base } = start(bundle);
	return createProcessHandler(process, manifest, base);
}

/** The same for a role that delivers. */
export function serveDelivery(process: Process<Dependencies>, bundle: string, parts: DeliveryParts): Handler {
	const { manifest, base } = start(bundle);
	const { deliverers, stores, extend } = parts;
	const handler = createProcessHandler(process, manifest, { ...base, ...stores(manifest, base), deliverers, fetch });
	return extend ? extend(handler, manifest, base) : handler;
}

function start(bundle: string): { manifest: Manifest; base: Surroundings } {
	const manifest: Manifest = JSON.parse(readFileSync(new URL("manifest.json", bundle), "utf8"));
	if (manifest.formatVersion !== MANIFEST_FORMAT_VERSION)
		throw new Error(
			`manifest.json has format ${manifest.formatVersion}; this bundle reads ${MANIFEST_FORMAT_VERSION}.`,
		);
	const client: ClientOf = createClients();
	// Not console.log, before whose lines Lambda puts words of its own: metrics are read from lines that are JSON.
	const write = (line: string): void => void process.stdout.write(`${line}\n`);
	const base: Surroundings = {
		client,
		write,
		now: () => Date.now(),
		random: () => Math.random(),
		sleep: async (milliseconds) => void (await sleep(milliseconds)),
		timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
		observer: createJsonObserver(manifest, { write, now: () => Date.now() }),
	};
	return { manifest, base };
}
