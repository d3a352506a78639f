import { serveAwsJson } from "../aws-json.ts";
import type { LocalService } from "../http.ts";
import type { ShardedSource } from "../source.ts";
import { cborRefusal } from "./cbor-refusal.ts";
import { kinesisSource } from "./event-source.ts";
import { getOperations } from "./get-operations.ts";
import { labelOperations } from "./label-operations.ts";
import { putOperations } from "./put-operations.ts";
import { openStore, type StoreOptions } from "./store.ts";
import { streamOperations } from "./stream-operations.ts";

export interface Kinesis {
	service: LocalService;
	source: ShardedSource;
	close(): Promise<void>;
}

/** Kinesis Data Streams in this process. What was answered survives a SIGKILL, if there is a folder. */
export async function startKinesis(options: StoreOptions): Promise<Kinesis> {
	const store = openStore(options);
	const serveJson = serveAwsJson({
		...streamOperations(store),
		...labelOperations(store),
		...putOperations(store),
		...getOperations(store),
	});
	return {
		service: async (request) =>
			request.headers["content-type"]?.startsWith("application/x-amz-cbor") ? cborRefusal() : serveJson(request),
		source: kinesisSource(store, options),
		close: async () => store.close(),
	};
}
