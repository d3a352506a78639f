import {
	GetEventSourceMappingCommand,
	type LambdaClient,
	paginateListEventSourceMappings,
	UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { OperationError } from "../operation-error.ts";

/** A mapping changes its state within a minute or so; calls meanwhile are refused with ResourceInUseException. */
const LOOKS = 90;
const LOOK_MILLISECONDS = 2000;

export interface PauseServices {
	lambda: LambdaClient;
	/** Not cut short when the command is stopped: what was disabled must be enabled again. */
	rest(milliseconds: number): Promise<void>;
}

/** Ids of the mappings that feed a function and are enabled. */
export async function liveMappings(functionName: string, { lambda }: Pick<PauseServices, "lambda">): Promise<string[]> {
	const ids: string[] = [];
	for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings(
		{ client: lambda },
		{ FunctionName: functionName },
	))
		for (const { UUID, State } of EventSourceMappings)
			if (UUID !== undefined && (State === "Enabled" || State === "Enabling")) ids.push(UUID);
	return ids;
}

/** Disables a mapping and waits until it gives its function nothing more; or enables it. */
export async function setMapping(UUID: string, Enabled: boolean, { lambda, rest }: PauseServices): Promise<void> {
	for (let look = 0; ; look++) {
		try {
			await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
			break;
		} catch (error) {
			if ((error as Error).name !== "ResourceInUseException" || look === LOOKS) throw error;
			await rest(LOOK_MILLISECONDS);
		}
	}
	if (Enabled) return;
	for (let look = 0; look < LOOKS; look++) {
		const { State } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
		if (State === "Disabled") return;
		await rest(LOOK_MILLISECONDS);
	}
	throw new OperationError(`The mapping ${UUID} was told to stop and did not.`);
}
