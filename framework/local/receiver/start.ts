import { isUtf8 } from "node:buffer";
import type { Clock } from "../clock.ts";
import type { LocalRequest, LocalResponse, LocalService } from "../http.ts";
import { openRequestLog, type ReceivedRequest } from "./request-log.ts";
import { checkSignature, type SignatureState } from "./signature.ts";

const MEMBERS = ["pipeline", "consumer", "function"];
const CONSUMER_PATH = /^\/_receiver\/([^/]+)\/([^/]+)$/;
const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

export interface Receiver {
	/** Webhooks at `/_receiver/<pipeline>/<consumer>`, the log at `/_receiver/requests`. */
	service: LocalService;
	/** Lambda's Invoke: every function exists and is content. */
	lambda: LocalService;
	/** Says with which secret the requests to a consumer are signed; null = with none. */
	expect(pipeline: string, consumer: string, reference: string | null): void;
	/** Answers the next requests to a consumer with these statuses, in order, whatever their signature. */
	behave(pipeline: string, consumer: string, statuses: readonly number[]): void;
	close(): void;
}

export interface ReceiverOptions {
	/** null = memory only. */
	file: string | null;
	clock: Clock;
	secretOf(reference: string): Promise<string>;
}

/** Stands for everything outside that a pipeline calls: takes each request, checks its signature, keeps it and shows it. */
export function startReceiver({ file, clock, secretOf }: ReceiverOptions): Receiver {
	const log = openRequestLog(file);
	const references = new Map<string, string | null>();
	const scripts = new Map<string, number[]>();
	const take = (request: LocalRequest, given: Pick<ReceivedRequest, "target" | "signature" | "status">): void =>
		log.add({ receivedAt: clock.now(), ...given, ...describeRequest(request) });
	const receive = async (request: LocalRequest, pipeline: string, consumer: string): Promise<LocalResponse> => {
		const name = nameOf(pipeline, consumer);
		const reference = references.get(name) ?? null;
		const signature =
			reference === null ? null : checkSignature(await secretOf(reference), request.headers, request.body);
		const status = scripts.get(name)?.shift() ?? statusOf(signature);
		take(request, { target: { pipeline, consumer }, signature, status });
		return { status, headers: {}, body: "" };
	};
	return {
		async service(request) {
			if (request.method === "GET" && request.path === "/_receiver/requests") return showLog(log.lines, request.query);
			const [, pipeline, consumer] = CONSUMER_PATH.exec(request.path) ?? [];
			if (pipeline === undefined || consumer === undefined) return notHere();
			return receive(request, decodeURIComponent(pipeline), decodeURIComponent(consumer));
		},
		async lambda(request) {
			const name = INVOKE_PATH.exec(request.path)?.[1];
			if (name === undefined || request.method !== "POST") return notHere();
			const status = INVOKE_STATUS[request.headers["x-amz-invocation-type"] ?? "RequestResponse"] ?? 400;
			take(request, { target: { function: decodeURIComponent(name) }, signature: null, status });
			const headers = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
			return { status, headers, body: status === 200 ? "{}" : "" };
		},
		expect: (pipeline, consumer, reference) => void references.set(nameOf(pipeline, consumer), reference),
		behave: (pipeline, consumer, statuses) => void scripts.set(nameOf(pipeline, consumer), [...statuses]),
		close: log.close,
	};
}

/** Lambda API reference, Invoke: the status that says that an invocation of a type was taken. */
const INVOKE_STATUS: Readonly<Record<string, number>> = { RequestResponse: 200, Event: 202, DryRun: 204 };

const nameOf = (pipeline: string, consumer: string): string => `${pipeline}/${consumer}`;

const statusOf = (signature: SignatureState | null): number =>
	signature === null || signature === "valid" ? 204 : 401;

function describeRequest({ method, path, headers, body }: LocalRequest) {
	const bodyEncoding = isUtf8(body) ? "utf8" : "base64";
	return { method, path, headers, body: body.toString(bodyEncoding), bodyEncoding } as const;
}

function showLog(lines: (members: Record<string, string>) => string, query: URLSearchParams): LocalResponse {
	const members = Object.fromEntries([...query].filter(([name]) => MEMBERS.includes(name)));
	return { status: 200, headers: { "content-type": "application/x-ndjson" }, body: lines(members) };
}

function notHere(): LocalResponse {
	const body = "Requests go to /_receiver/<pipeline>/<consumer>; GET /_receiver/requests shows them.\n";
	return { status: 404, headers: { "content-type": "text/plain" }, body };
}
