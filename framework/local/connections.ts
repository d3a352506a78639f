import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

export interface Connections {
	/** A connection that is idle until `occupy`. */
	addSocket(socket: Socket): void;
	/** HTTP/2 counts its streams itself: the session stands for its socket. */
	addSession(session: Http2Session): void;
	forgetSocket(socket: Socket): void;
	/** Bodies that are still coming in. */
	receiving: Set<Readable>;
	/** Keeps a connection until its answer is written. */
	occupy(socket: Socket, outgoing: Writable): void;
	/** Ends what is idle at once and the rest as soon as it is idle; drops requests that have not come in whole. */
	end(): void;
}

/** Knows which connections of a server are idle: Node tracks only those of servers that listen themselves. */
export function trackConnections(): Connections {
	/** Answers being made, by connection. */
	const answering = new Map<Socket, number>();
	const sessions = new Set<Http2Session>();
	const receiving = new Set<Readable>();
	let ending = false;
	const count = (socket: Socket, change: 1 | -1): void => {
		const left = (answering.get(socket) ?? 0) + change;
		if (!socket.destroyed) answering.set(socket, left);
		if (ending && left === 0) socket.destroySoon();
	};
	return {
		addSocket(socket) {
			answering.set(socket, 0);
			socket.once("close", () => answering.delete(socket));
		},
		forgetSocket: (socket) => void answering.delete(socket),
		addSession(session) {
			sessions.add(session);
			session.once("close", () => sessions.delete(session));
		},
		receiving,
		occupy(socket, outgoing) {
			count(socket, 1);
			outgoing.once("close", () => count(socket, -1));
		},
		end() {
			ending = true;
			for (const session of sessions) session.close();
			for (const incoming of receiving) cutOff(incoming);
			for (const [socket, answers] of answering) if (answers === 0) socket.destroy();
		},
	};
}

/** Destroying an HTTP/2 request of Node's compatibility layer leaves its stream open. */
function cutOff(incoming: Readable & { stream?: { destroy(): void } }): void {
	(incoming.stream ?? incoming).destroy();
}
