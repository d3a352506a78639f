import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { trackConnections } from "./connections.ts";
import type { LocalRequest, LocalResponse, LocalService } from "./http.ts";
import { listen } from "./listen.ts";
import { readBody } from "./read-body.ts";
import { refusal } from "./refusal.ts";

/** Above what any service takes in one request, but for S3: its clients send what is larger in parts. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const FULL = "The disk under the local run's data folder is full. What is there stays; make room.";

export interface ServerOptions {
	/** 0 = a free one. */
	port: number;
	route: Route;
}

/** Who serves a request; null = nobody here. */
export type Route = (request: LocalRequest) => LocalService | null;

export interface RunningServer {
	port: number;
	url: string;
	/** Takes no more requests, answers those in hand, then ends every connection. */
	close(): Promise<void>;
}

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

/** Serves HTTP/1.1 and HTTP/2 without TLS on one port of 127.0.0.1. Rejects with the code EADDRINUSE if the port is taken. */
export async function startServer({ port, route }: ServerOptions): Promise<RunningServer> {
	const connections = trackConnections();
	const serve = async (incoming: Incoming, outgoing: Outgoing): Promise<void> => {
		// Its client is gone; nobody is left to tell.
		outgoing.on("error", () => {});
		connections.receiving.add(incoming);
		const body = await readBody(incoming, MAX_BODY_BYTES);
		connections.receiving.delete(incoming);
		if (body === "aborted") return;
		if (incoming.httpVersionMajor === 1) connections.occupy(incoming.socket, outgoing);
		send(outgoing, await answer(incoming, body, route));
	};
	const http1 = createHttp1((incoming, outgoing) => void serve(incoming, outgoing));
	// Only clients end idle connections: an end from here could cross a request on its way.
	http1.keepAliveTimeout = 0;
	const http2 = createHttp2((incoming, outgoing) => void serve(incoming, outgoing));
	http2.on("session", connections.addSession);
	const listening = await listen(port, {
		opened: connections.addSocket,
		http1: (socket) => void http1.emit("connection", socket),
		http2(socket) {
			connections.forgetSocket(socket);
			http2.emit("connection", socket);
		},
	});
	return {
		port: listening.port,
		url: `http://127.0.0.1:${listening.port}`,
		close: () =>
			new Promise((resolve) => {
				listening.server.close(() => resolve());
				connections.end();
			}),
	};
}

async function answer(incoming: Incoming, body: Buffer | "too-large", route: Route): Promise<LocalResponse> {
	const headers = headersOf(incoming);
	if (body === "too-large") {
		const message = `A request holds at most ${MAX_BODY_BYTES} bytes here. Send objects that are larger as a multipart upload.`;
		return refusal(headers, { status: 413, code: "EntityTooLarge", message });
	}
	const [path = "/", ...query] = (incoming.url ?? "/").split("?");
	const request: LocalRequest = {
		method: incoming.method ?? "GET",
		path,
		query: new URLSearchParams(query.join("?")),
		headers,
		body,
	};
	const service = route(request);
	if (!service) {
		const message = `Nothing here serves ${headers["x-amz-target"] ?? path}.`;
		return refusal(headers, { status: 400, code: "UnknownOperationException", message });
	}
	try {
		return await service(request);
	} catch (error) {
		const { code = "" } = error as NodeJS.ErrnoException;
		// A status that no SDK repeats at once: it would not help.
		if (code === "ENOSPC" || code === "EDQUOT")
			return refusal(headers, { status: 507, code: "InsufficientStorage", message: FULL });
		return refusal(headers, { status: 500, code: "InternalFailure", message: (error as Error).message });
	}
}

/** Without HTTP/2's pseudo headers; a header that came several times as one list. */
function headersOf(incoming: Incoming): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(incoming.headers))
		if (value !== undefined && !name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(", ") : value;
	return headers;
}

function send(outgoing: Outgoing, { status, headers, body }: LocalResponse): void {
	const bytes = typeof body === "string" ? Buffer.from(body) : body;
	try {
		outgoing.statusCode = status;
		for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
		if (status !== 204 && status !== 304 && !outgoing.hasHeader("content-length"))
			outgoing.setHeader("content-length", bytes.length);
		outgoing.end(bytes);
	} catch {
		// A stream that was reset meanwhile, or a header that HTTP cannot carry: the client sees a connection that ended.
		outgoing.destroy();
	}
}
