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
}

/** Makes the handler of the manifest that lies beside the bundle. */
export function serve(process: Process, bundle: string): Handler {
	const { manifest, base } = start(bundle);
	return createProcessHandler(process, manifest, base);
}

/** The same for a role that delivers. */
export function serveDelivery(process: Process<Dependencies>, bundle: string, parts: DeliveryParts): Handler {
	const { manifest, base } = start(bundle);
	const { deliverers, stores } = parts;
	return createProcessHandler(process, manifest, { ...base, ...stores(manifest, base), deliverers, fetch });
}

function start(bundle: string): { manifest: Manifest; base: BaseDependencies } {
	const manifest: Manifest = JSON.parse(readFileSync(new URL("manifest.json", bundle), "utf8"));
	if (manifest.formatVersion !== MANIFEST_FORMAT_VERSION)
		throw new Error(
			`manifest.json has format ${manifest.formatVersion}; this bundle reads ${MANIFEST_FORMAT_VERSION}.`,
		);
	const client: ClientOf = createClients();
	const base: BaseDependencies = {
		client,
		now: () => Date.now(),
		random: () => Math.random(),
		sleep: async (milliseconds) => void (await sleep(milliseconds)),
		timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
		// Not console.log, before whose lines Lambda puts words of its own: metrics are read from lines that are JSON.
		observer: createJsonObserver(manifest, {
			write: (line) => void process.stdout.write(`${line}\n`),
			now: () => Date.now(),
		}),
	};
	return { manifest, base };
}
