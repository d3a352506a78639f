import type { Bindings } from "../contract/manifest.ts";
import { systemClock } from "./clock.ts";
import { findEndpoint, isDataDir, openDataDir } from "./data-dir.ts";
import { EngineError } from "./engine-error.ts";
import { ACCOUNT_ID, REGION, startServices, takePort } from "./services.ts";

/** The embedded services of a data folder, for a program that is not the run itself. */
export interface Attached {
	endpoint: string;
	bindings: Bindings;
	/** Whether `pipeline dev` runs on the folder: then its functions work, too. */
	running: boolean;
	close(): Promise<void>;
}

/** Reaches the services of the run that holds a folder, or starts them on it, without functions, when nobody does. */
export async function attach(dataDir: string): Promise<Attached> {
	if (!isDataDir(dataDir))
		throw new EngineError(
			`${dataDir} holds no data of a local run. Start one with \`pipeline dev\`, or name its folder with --data.`,
		);
	const endpoint = findEndpoint(dataDir);
	if (endpoint !== null) {
		const bindings = { accountId: ACCOUNT_ID, region: REGION, receiver: `${endpoint}/_receiver` };
		return { endpoint, bindings, running: true, close: async () => {} };
	}
	const folder = openDataDir(dataDir);
	const port = await takePort(0).catch((error) => {
		folder.release();
		throw error;
	});
	try {
		const services = await startServices({ dataDir, port, clock: systemClock });
		const close = async (): Promise<void> => {
			await services.close();
			folder.release();
		};
		return { endpoint: services.endpoint, bindings: services.bindings, running: false, close };
	} catch (error) {
		await port.close();
		folder.release();
		throw error;
	}
}
