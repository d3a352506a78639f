import type { LocalRequest, LocalResponse, LocalService } from "../http.ts";
import type { Gate } from "./gate.ts";
import type { LocalFunction } from "./invocation.ts";

/** A function of the run with its mapping, as Lambda's API shows them. */
export interface ServedFunction {
	name: string;
	arn: string;
	function: LocalFunction;
	mapping: { id: string; eventSourceArn: string; batchSize: number; gate: Gate };
}

export interface LambdaService {
	service: LocalService;
	/** Functions of the run, once they are up. */
	serve(functions: readonly ServedFunction[]): void;
}

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const MAPPINGS = /^\/2015-03-31\/event-source-mappings\/?([^/]*)$/;

/** Lambda's Invoke and event source mappings for the run's own functions. Whatever else is invoked lies outside and goes to `outside`. */
export function startLambda(outside: LocalService): LambdaService {
	let functions: readonly ServedFunction[] = [];
	return {
		serve(served) {
			functions = served;
		},
		async service(request) {
			const [, mapping] = MAPPINGS.exec(request.path) ?? [];
			if (mapping !== undefined) return serveMappings(functions, decodeURIComponent(mapping), request);
			const [, name] = INVOKE.exec(request.path) ?? [];
			const wanted = name === undefined ? "" : decodeURIComponent(name);
			const found = functions.find((each) => wanted === each.name || wanted === each.arn);
			return found && request.method === "POST" ? invoke(found.function, request) : outside(request);
		},
	};
}

async function invoke(called: LocalFunction, { headers, body }: LocalRequest): Promise<LocalResponse> {
	const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
	if (type === "DryRun") return { status: 204, headers: {}, body: "" };
	const invocation = called.invoke(body.length === 0 ? "{}" : body.toString("utf8"));
	// An asynchronous invocation is taken at once; what becomes of it stands in the function's log.
	if (type === "Event") return { status: 202, headers: {}, body: "" };
	const answer = await invocation;
	const common = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
	if (answer.status === "answered")
		return { status: 200, headers: common, body: JSON.stringify(answer.response ?? null) };
	const error = { errorMessage: answer.error, errorType: "Error" };
	return { status: 200, headers: { ...common, "x-amz-function-error": "Unhandled" }, body: JSON.stringify(error) };
}

/** ListEventSourceMappings, GetEventSourceMapping, and UpdateEventSourceMapping of `Enabled` alone. */
async function serveMappings(
	functions: readonly ServedFunction[],
	id: string,
	{ method, query, body }: LocalRequest,
): Promise<LocalResponse> {
	if (id === "" && method === "GET") {
		const wanted = query.get("FunctionName");
		const chosen = functions.filter(({ name, arn }) => wanted === null || wanted === name || wanted === arn);
		return json(200, { EventSourceMappings: chosen.map(describe) });
	}
	const found = functions.find(({ mapping }) => mapping.id === id);
	if (!found) return refuse(404, "ResourceNotFoundException", `There is no event source mapping ${id}.`);
	if (method === "GET") return json(200, describe(found));
	if (method !== "PUT") return refuse(400, "InvalidParameterValueException", `${method} is not served locally.`);
	const { Enabled, ...other } = JSON.parse(body.toString("utf8") || "{}");
	if (typeof Enabled !== "boolean" || Object.keys(other).length > 0)
		return refuse(400, "InvalidParameterValueException", "Locally only Enabled can be updated.");
	if (Enabled) found.mapping.gate.open();
	else await found.mapping.gate.close();
	return json(202, describe(found));
}

function describe({ arn, mapping }: ServedFunction) {
	return {
		UUID: mapping.id,
		FunctionArn: arn,
		EventSourceArn: mapping.eventSourceArn,
		BatchSize: mapping.batchSize,
		State: mapping.gate.isOpen() ? "Enabled" : "Disabled",
	};
}

function json(status: number, value: object): LocalResponse {
	return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function refuse(status: number, type: string, message: string): LocalResponse {
	const answer = json(status, { Type: "User", Message: message });
	return { ...answer, headers: { ...answer.headers, "x-amzn-errortype": type } };
}
