import {
	type ServerUnaryCall,
	type ServiceError,
	type sendUnaryData,
	status,
	type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type {
	ReadResourceRequest,
	RegisterResourceOutputsRequest,
	RegisterResourceRequest,
	ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import resourceMessages from "@pulumi/pulumi/proto/resource_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type { Engine } from "./engine.ts";

const { Empty } = emptyMessages;

/** A message of the program: what a user reads on the terminal. */
export interface LogEntry {
	severity: "debug" | "info" | "warning" | "error";
	message: string;
}

type Handle<Request> = (request: Request) => unknown;
// biome-ignore lint/suspicious/noExplicitAny: each method takes its own message; gRPC knows which.
type Methods = Record<string, Handle<any>>;

const { ResourceMonitorFeature: feature } = resourceMessages;
/** What the engine can do. The SDK refuses to use the rest with a message of its own. */
const FEATURES = [
	feature.RESOURCE_MONITOR_FEATURE_SECRETS,
	feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
	feature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
	feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
	feature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
	feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
	feature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
];

/** The resource monitor's methods; those left out answer UNIMPLEMENTED. */
export function monitorMethods(engine: Engine): Methods {
	return {
		getDeploymentInfo: () => {
			const info = new resourceMessages.DeploymentInfo();
			info.setSupportedfeaturesList(FEATURES);
			return info;
		},
		registerResource: (request: RegisterResourceRequest) => engine.registerResource(request),
		registerResourceOutputs: (request: RegisterResourceOutputsRequest) => {
			engine.registerResourceOutputs(request);
			return new Empty();
		},
		invoke: (request: ResourceInvokeRequest) => engine.invoke(request),
		readResource: (request: ReadResourceRequest) => engine.readResource(request),
		signalAndWaitForShutdown: () => new Empty(),
	};
}

const SEVERITIES = ["debug", "info", "warning", "error"] as const;

/** The engine's methods: logs, and which resource is the stack. */
export function engineMethods(engine: Engine, logs: LogEntry[]): Methods {
	return {
		log: (request: LogRequest) => {
			logs.push({ severity: SEVERITIES[request.getSeverity()] ?? "error", message: request.getMessage() });
			return new Empty();
		},
		getRootResource: () => {
			const response = new engineMessages.GetRootResourceResponse();
			response.setUrn(engine.root);
			return response;
		},
		setRootResource: () => new engineMessages.SetRootResourceResponse(),
		requirePulumiVersion: () => new engineMessages.RequirePulumiVersionResponse(),
	};
}

/** As a client in the program's own process, in the place of a connection: what `setMockOptions` takes. */
export function asClient(methods: Methods): object {
	const call = (handle: Handle<unknown>) => (request: unknown, answer: sendUnaryData<unknown>) => {
		// Answers come later, as over a wire.
		setImmediate(() => respond(handle, request, answer));
	};
	return Object.fromEntries(Object.entries(methods).map(([name, handle]) => [name, call(handle)]));
}

/** As a gRPC service. */
export function asService(methods: Methods): UntypedServiceImplementation {
	const serve =
		(handle: Handle<unknown>) =>
		({ request }: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) =>
			respond(handle, request, answer);
	return Object.fromEntries(Object.entries(methods).map(([name, handle]) => [name, serve(handle)]));
}

function respond(handle: Handle<unknown>, request: unknown, answer: sendUnaryData<unknown>): void {
	try {
		answer(null, handle(request));
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		answer({ code: status.UNKNOWN, details: message, message, name: "ServiceError" } as ServiceError, null);
	}
}
