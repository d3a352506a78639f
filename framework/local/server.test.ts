import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LocalRequest, LocalResponse } from "./http.ts";
import { LOCAL_CLIENT } from "./local-client.ts";
import { type RunningServer, startServer } from "./server.ts";

let server: RunningServer;
let seen: LocalRequest[];
let respond: (request: LocalRequest) => Promise<LocalResponse>;

const echo = async ({ body }: LocalRequest): Promise<LocalResponse> => ({ status: 200, headers: {}, body });

beforeEach(async () => {
	seen = [];
	respond = echo;
	server = await startServer({
		port: 0,
		route: ({ path }) =>
			path === "/nowhere"
				? null
				: (received) => {
						seen.push(received);
						return respond(received);
					},
	});
});
afterEach(() => server.close());

const post = (path: string, init: RequestInit = {}) => fetch(server.url + path, { method: "POST", ...init });

async function dial(): Promise<Socket> {
	const socket = connect({ host: "127.0.0.1", port: server.port, allowHalfOpen: true });
	await once(socket, "connect");
	return socket;
}

test("a request arrives whole, as it was sent", async () => {
	const answer = await post("/a%2Fb/../c?x=1&y=%20&x=2", { headers: { "X-Name": "v" }, body: "text" });
	expect(await answer.text()).toBe("text");
	const [received] = seen;
	expect(received).toMatchObject({ method: "POST", body: Buffer.from("text") });
	expect(received?.headers["x-name"]).toBe("v");
	expect([...(received?.query ?? [])]).toEqual([
		["x", "1"],
		["y", " "],
		["x", "2"],
	]);
});

test("HTTP/2 without TLS shares the port", async () => {
	const session = connectHttp2(server.url);
	const stream = session.request({ ":method": "POST", ":path": "/p?q=1", "x-name": "v" });
	stream.end("text");
	const [headers] = await once(stream, "response");
	expect(headers[":status"]).toBe(200);
	expect(await text(stream)).toBe("text");
	expect(seen[0]).toMatchObject({ method: "POST", path: "/p" });
	expect(Object.keys(seen[0]?.headers ?? {}).filter((name) => name.startsWith(":"))).toEqual([]);
	session.close();
});

test("first bytes that come one by one are told apart all the same", async () => {
	const socket = await dial();
	socket.setNoDelay(true);
	for (const byte of "PUT /k HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1\r\n\r\nb") {
		socket.write(byte);
		await new Promise(setImmediate);
	}
	expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nb$/s);
	socket.end();
});

test("a client that ends its side after the request still gets the answer", async () => {
	const socket = await dial();
	socket.end("POST /k HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\ntext");
	expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 .*text$/s);
});

test("a client that waits for 100 Continue is told to go on", async () => {
	const outgoing = request(`${server.url}/k`, {
		method: "PUT",
		headers: { expect: "100-continue", "content-length": 4 },
	});
	outgoing.flushHeaders();
	await once(outgoing, "continue");
	outgoing.end("text");
	const [incoming] = await once(outgoing, "response");
	expect(await text(incoming)).toBe("text");
});

test("a client may vanish after any byte; no service sees half a request", async () => {
	const whole = "POST /k HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n123456789";
	for (let length = 0; length <= whole.length; length += 3) {
		const socket = await dial();
		socket.write(whole.slice(0, length));
		await new Promise(setImmediate);
		socket.resetAndDestroy();
	}
	const socket = await dial();
	socket.end(`${whole.replace("POST", "\u0000\u0001")}`);
	await text(socket);
	expect(await (await post("/k", { body: "still here" })).text()).toBe("still here");
	expect(seen).toHaveLength(1);
});

test("a reset HTTP/2 stream is no request, and a vanished session harms nobody", async () => {
	const session = connectHttp2(server.url);
	const stream = session.request({ ":method": "POST", ":path": "/reset" });
	stream.on("error", () => {});
	stream.write("half");
	await new Promise((resolve) => session.ping(resolve));
	stream.close(8);
	await new Promise((resolve) => session.ping(resolve));
	const lost = session.request({ ":method": "POST", ":path": "/lost" });
	lost.on("error", () => {});
	lost.write("half");
	await new Promise((resolve) => session.ping(resolve));
	session.on("error", () => {});
	session.destroy();
	expect(await (await post("/k", { body: "still here" })).text()).toBe("still here");
	expect(seen.map(({ path }) => path)).toEqual(["/k"]);
});

test("an answer to a client that is gone is dropped", async () => {
	const answered = Promise.withResolvers<LocalResponse>();
	const asked = Promise.withResolvers<void>();
	respond = () => {
		asked.resolve();
		return answered.promise;
	};
	const socket = await dial();
	socket.write("GET /k HTTP/1.1\r\nhost: x\r\n\r\n");
	await asked.promise;
	socket.resetAndDestroy();
	respond = echo;
	await post("/k");
	answered.resolve({ status: 200, headers: {}, body: "x" });
	expect((await post("/k")).status).toBe(200);
});

test("what a service throws and what nobody serves is answered in the client's protocol", async () => {
	respond = () => Promise.reject(new Error("disk full"));
	const xml = await post("/k");
	expect(xml.status).toBe(500);
	expect(await xml.text()).toContain("<Code>InternalFailure</Code><Message>disk full</Message>");
	const json = await post("/nowhere", { headers: { "x-amz-target": "Other_1.Do" } });
	expect(json.status).toBe(400);
	expect(await json.json()).toEqual({
		__type: "UnknownOperationException",
		message: "Nothing here serves Other_1.Do.",
	});
});

test("a body above 64 MiB is refused before it is kept", async () => {
	const answer = await post("/k", { body: Buffer.alloc(64 * 1024 * 1024 + 1) });
	expect(answer.status).toBe(413);
	expect(await answer.text()).toContain("EntityTooLarge");
	expect(seen).toEqual([]);
});

test("a header that HTTP cannot carry ends one answer, not the process", async () => {
	respond = async () => ({ status: 200, headers: { "x-bad": "a\nb" }, body: "" });
	await expect(post("/k")).rejects.toThrow();
	respond = echo;
	expect((await post("/k")).status).toBe(200);
});

test("closing answers what is in hand and ends idle connections at once", async () => {
	const agent = new Agent({ keepAlive: true });
	const keepAlive = request(`${server.url}/idle`, { agent });
	keepAlive.end();
	const [idle] = await once(keepAlive, "response");
	await text(idle);
	const silent = await dial();
	const stalled = await dial();
	stalled.write("POST /stalled HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n1");
	const session = connectHttp2(server.url);
	session.on("error", () => {});
	await once(session, "remoteSettings");
	const stalledStream = session.request({ ":method": "POST", ":path": "/stalled" });
	stalledStream.on("error", () => {});
	stalledStream.write("1");
	await new Promise((resolve) => session.ping(resolve));

	const inHand = Promise.withResolvers<LocalResponse>();
	const asked = Promise.withResolvers<void>();
	let count = 0;
	respond = () => {
		if (++count === 2) asked.resolve();
		return inHand.promise;
	};
	const slow = post("/slow");
	const slowStream = session.request({ ":method": "POST", ":path": "/slow" });
	slowStream.end();
	await asked.promise;
	const closed = server.close();
	inHand.resolve({ status: 200, headers: {}, body: "done" });
	expect(await (await slow).text()).toBe("done");
	expect(await text(slowStream)).toBe("done");
	await closed;
	await expect(post("/late")).rejects.toThrow();
	for (const socket of [silent, stalled]) socket.destroy();
	agent.destroy();
});

test("a port in use is refused with its number and a way out", async () => {
	const second = startServer({ port: server.port, route: () => null });
	await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
	await expect(second).rejects.toThrow(`Port ${server.port} of 127.0.0.1 is in use`);
});

test("a full disk is told as such, at once, and not as a fault that SDKs repeat", async () => {
	let attempts = 0;
	respond = async () => {
		attempts += 1;
		throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
	};
	const s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: server.url, forcePathStyle: true });
	const put = s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "key", Body: "text" }));
	await expect(put).rejects.toMatchObject({ name: "InsufficientStorage", message: expect.stringContaining("is full") });
	expect(attempts).toBe(1);
	s3.destroy();
});
