import { randomUUID } from "node:crypto";
import type { LocalRequest, LocalResponse, LocalService } from "./http.ts";

/** A refusal in the words of an AWS service: its error code, and why. */
export class AwsError extends Error {
	readonly code: string;
	readonly status: number;
	/** What an error's shape has beside code and message. */
	readonly members: object;

	constructor(code: string, message: string, status = 400, members: object = {}) {
		super(message);
		this.code = code;
		this.status = status;
		this.members = members;
	}
}

/** The members of a request; nothing about them is known yet. */
export type JsonInput = Readonly<Record<string, unknown>>;
export type JsonOperations = Readonly<Record<string, (input: JsonInput) => object | Promise<object>>>;

/** Serves the AWS JSON 1.1 protocol: the operation is named by the header `X-Amz-Target`, input and output are JSON. */
export function serveAwsJson(operations: JsonOperations): LocalService {
	return async (request) => {
		try {
			const name = request.headers["x-amz-target"]?.split(".")[1] ?? "";
			if (!Object.hasOwn(operations, name)) throw unknownOperation(name, operations);
			return awsJsonResponse(200, (await operations[name]?.(parseInput(request))) ?? {});
		} catch (error) {
			if (error instanceof AwsError) return awsJsonError(error);
			throw error;
		}
	};
}

export function awsJsonError({ status, code, message, members }: AwsError): LocalResponse {
	return awsJsonResponse(status, { __type: code, message, ...members }, { "x-amzn-errortype": code });
}

function awsJsonResponse(status: number, output: object, headers: Record<string, string> = {}): LocalResponse {
	return {
		status,
		headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID(), ...headers },
		body: JSON.stringify(output),
	};
}

function unknownOperation(name: string, operations: JsonOperations): AwsError {
	const served = Object.keys(operations).sort().join(", ");
	return new AwsError("UnknownOperationException", `${name || "No operation"} is not served here. Served: ${served}.`);
}

function parseInput({ body }: LocalRequest): JsonInput {
	let input: unknown;
	try {
		input = JSON.parse(body.toString("utf8"));
	} catch {
		throw new AwsError("SerializationException", "The request's body is not JSON.");
	}
	if (typeof input !== "object" || input === null || Array.isArray(input))
		throw new AwsError("SerializationException", "The request's body is not a JSON object.");
	return input as JsonInput;
}
