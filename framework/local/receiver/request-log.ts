import { openAppendLog } from "../append-log.ts";
import type { SignatureState } from "./signature.ts";

/** A request as it was received and answered; a line of the log. */
export interface ReceivedRequest {
	/** Epoch milliseconds. */
	receivedAt: number;
	/** Whom it was for: a consumer of a pipeline, or a Lambda function. */
	target: { pipeline: string; consumer: string } | { function: string };
	method: string;
	path: string;
	headers: Readonly<Record<string, string>>;
	/** Text, or base64 of what is not UTF-8. */
	body: string;
	bodyEncoding: "utf8" | "base64";
	/** null = none is expected here. */
	signature: SignatureState | null;
	/** The status it was answered with. */
	status: number;
}

export interface RequestLog {
	add(request: ReceivedRequest): void;
	/** Requests as NDJSON, in order, of those whose target has all these members. */
	lines(members: Readonly<Record<string, string>>): string;
	close(): void;
}

interface Entry {
	target: Readonly<Record<string, string>>;
	line: string;
}

/** Keeps requests in memory, and in a file unless that is null. */
export function openRequestLog(file: string | null): RequestLog {
	const { lines, log } = openAppendLog(file);
	const entries = lines.map((line): Entry => ({ target: (JSON.parse(line) as ReceivedRequest).target, line }));
	return {
		add(request) {
			const line = JSON.stringify(request);
			log.append([line]);
			entries.push({ target: { ...request.target }, line });
		},
		lines: (members) =>
			entries
				.filter(({ target }) => Object.entries(members).every(([name, value]) => target[name] === value))
				.map(({ line }) => `${line}\n`)
				.join(""),
		close: log.close,
	};
}
