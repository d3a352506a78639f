import { createServer, type Server, type Socket } from "node:net";

/** The first bytes of a client that speaks HTTP/2 without asking first (RFC 9113, 3.4: `PRI * HTTP/2.0`). */
const PREFACE = "PRI";

export interface Acceptors {
	/** A connection that has not said anything yet. */
	opened(socket: Socket): void;
	http1(socket: Socket): void;
	http2(socket: Socket): void;
}

/** Listens on 127.0.0.1 and hands each connection on by the protocol of its first bytes. */
export async function listen(port: number, accept: Acceptors): Promise<{ server: Server; port: number }> {
	// Half-open: a client may end its side after its request and still reads the answer.
	const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => tellApart(socket, accept));
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) =>
			reject(error.code === "EADDRINUSE" ? portInUse(port) : error),
		);
		server.listen(port, "127.0.0.1", resolve);
	});
	const address = server.address();
	return { server, port: typeof address === "object" && address ? address.port : port };
}

function portInUse(port: number): Error {
	const message = `Port ${port} of 127.0.0.1 is in use by another program. Stop that program, or give another port; 0 takes a free one.`;
	return Object.assign(new Error(message), { code: "EADDRINUSE" });
}

function tellApart(socket: Socket, accept: Acceptors): void {
	accept.opened(socket);
	let start = Buffer.alloc(0);
	// A client may vanish at any byte; what follows of it is 'close'.
	socket.on("error", () => {});
	const giveUp = (): void => void socket.destroy();
	const onReadable = (): void => {
		const chunk: Buffer | null = socket.read();
		if (chunk === null) return;
		start = Buffer.concat([start, chunk]);
		const text = start.toString("latin1", 0, PREFACE.length);
		if (text.length < PREFACE.length && PREFACE.startsWith(text)) return;
		socket.off("readable", onReadable).off("end", giveUp);
		socket.unshift(start);
		if (text === PREFACE) {
			socket.allowHalfOpen = false;
			accept.http2(socket);
		} else accept.http1(socket);
	};
	socket.on("readable", onReadable).on("end", giveUp);
}
