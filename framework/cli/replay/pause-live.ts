import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumerPlace, Services } from "../../operations/place.ts";
import { type PauseServices, setMapping } from "../../operations/replay/pause.ts";
import type { Io } from "../command.ts";

/** Mappings are enabled again whatever happens, SIGINT included; what even so stays disabled is named, and told to `still`. */
export async function whilePaused(
	ids: readonly string[],
	still: string[],
	{ functionName, together }: ConsumerPlace,
	services: Services,
	io: Io,
	work: () => Promise<void>,
): Promise<void> {
	const pause: PauseServices = { lambda: services.lambda, rest: (milliseconds) => sleep(milliseconds) };
	try {
		for (const id of ids) {
			io.stderr(
				`Pausing ${functionName} (mapping ${id})${together.length > 1 ? `: it serves ${together.join(", ")}` : ""}\n`,
			);
			await setMapping(id, false, pause);
		}
		await work();
	} finally {
		for (const id of ids)
			await setMapping(id, true, pause).catch((error) => {
				still.push(id);
				io.stderr(
					`The mapping ${id} is still disabled: ${(error as Error).name}. Enable it: aws lambda update-event-source-mapping --uuid ${id} --enabled\n`,
				);
			});
		if (ids.length > still.length) io.stderr("Live events flow again.\n");
	}
}
