import { createHash } from "node:crypto";
import type { Value } from "./graph.ts";

/** Where an imagined resource stands. */
export interface Place {
	partition: string;
	region: string;
	accountId: string;
}

/** What AWS would add to a resource's inputs when it makes it. */
export interface Made {
	id: string;
	outputs: Record<string, Value>;
}

interface Kind {
	/** The input, or output, that holds the physical name. */
	named: string;
	/** The name AWS gives where the inputs give none. */
	unnamed?(unique: string): string;
	arn(name: string, place: Place, inputs: Inputs): string;
	/** What a provider answers besides `arn` and the name. */
	more?(arn: string, inputs: Inputs, unique: string): Record<string, Value>;
	/** The ARN is the id. */
	identifiedByArn?: true;
}

type Inputs = Readonly<Record<string, Value>>;

const at = (service: string, resource: string, { partition, region, accountId }: Place): string =>
	`arn:${partition}:${service}:${region}:${accountId}:${resource}`;

/** A stream's label is the time at which it was enabled: any fixed one will do. */
const STREAM_LABEL = "2026-01-01T00:00:00.000";

const KINDS: Record<string, Kind> = {
	"aws:dynamodb/table:Table": {
		named: "name",
		arn: (name, place) => at("dynamodb", `table/${name}`, place),
		more: (arn, { streamEnabled }) =>
			streamEnabled === true ? { streamArn: `${arn}/stream/${STREAM_LABEL}`, streamLabel: STREAM_LABEL } : {},
	},
	"aws:kinesis/stream:Stream": {
		named: "name",
		arn: (name, place) => at("kinesis", `stream/${name}`, place),
		identifiedByArn: true,
	},
	"aws:kinesis/streamConsumer:StreamConsumer": {
		named: "name",
		arn: (name, _place, { streamArn }) => `${streamArn}/consumer/${name}:1767225600`,
		more: () => ({ creationTimestamp: "2026-01-01T00:00:00Z" }),
		identifiedByArn: true,
	},
	"aws:s3/bucket:Bucket": {
		named: "bucket",
		arn: (name, { partition }) => `arn:${partition}:s3:::${name}`,
		more: (arn) => ({ bucketDomainName: `${arn.split(":").at(-1)}.s3.amazonaws.com` }),
	},
	"aws:lambda/function:Function": {
		named: "name",
		arn: (name, place) => at("lambda", `function:${name}`, place),
		more: (arn) => ({ qualifiedArn: `${arn}:$LATEST`, version: "$LATEST" }),
	},
	"aws:lambda/eventSourceMapping:EventSourceMapping": {
		named: "uuid",
		unnamed: uuid,
		arn: (name, place) => at("lambda", `event-source-mapping:${name}`, place),
		more: (_arn, { functionName }) => ({ functionArn: functionName ?? null }),
	},
	"aws:iam/role:Role": {
		named: "name",
		arn: (name, { partition, accountId }) => `arn:${partition}:iam::${accountId}:role/${name}`,
		more: (_arn, _inputs, unique) => ({ uniqueId: `AROA${unique.slice(0, 16).toUpperCase()}` }),
	},
	"aws:iam/policy:Policy": {
		named: "name",
		arn: (name, { partition, accountId }) => `arn:${partition}:iam::${accountId}:policy/${name}`,
		identifiedByArn: true,
	},
	"aws:cloudwatch/logGroup:LogGroup": {
		named: "name",
		arn: (name, place) => at("logs", `log-group:${name}`, place),
	},
	"aws:cloudwatch/metricAlarm:MetricAlarm": {
		named: "name",
		arn: (name, place) => at("cloudwatch", `alarm:${name}`, place),
	},
	"aws:cloudwatch/dashboard:Dashboard": {
		named: "dashboardName",
		arn: (name, { partition, accountId }) => `arn:${partition}:cloudwatch::${accountId}:dashboard/${name}`,
	},
	"aws:scheduler/schedule:Schedule": {
		named: "name",
		arn: (name, place) => at("scheduler", `schedule/default/${name}`, place),
	},
	"aws:sqs/queue:Queue": {
		named: "name",
		arn: (name, place) => at("sqs", name, place),
		more: (arn) => ({ url: `https://sqs.${arn.split(":")[3]}.amazonaws.com/${arn.split(":").slice(4).join("/")}` }),
	},
	"aws:sns/topic:Topic": { named: "name", arn: (name, place) => at("sns", name, place), identifiedByArn: true },
	"aws:kms/key:Key": {
		named: "keyId",
		unnamed: uuid,
		arn: (name, place) => at("kms", `key/${name}`, place),
	},
};

function uuid(hex: string): string {
	const parts = [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`4${hex.slice(13, 16)}`,
		`8${hex.slice(17, 20)}`,
		hex.slice(20, 32),
	];
	return parts.join("-");
}

/** `aws:glue/catalogTable:CatalogTable` is `arn:aws:glue:…:catalogTable/name` if nothing better is known. */
function anyKind(type: string): Kind {
	const [, module = type] = type.split(":");
	const [service = module, resource = module] = module.split("/");
	return { named: "name", arn: (name, place) => at(service, `${resource}/${name}`, place) };
}

/** Makes a resource up: the id and the outputs that AWS would answer, the same each time for the same URN and inputs. */
export function imagine(urn: string, type: string, logicalName: string, inputs: Inputs, place: Place): Made {
	const unique = createHash("sha256").update(urn).digest("hex");
	if (type.startsWith("pulumi:providers:")) return { id: uuid(unique), outputs: {} };
	const kind = KINDS[type] ?? anyKind(type);
	const given = inputs[kind.named];
	const name = typeof given === "string" ? given : (kind.unnamed?.(unique) ?? `${logicalName}-${unique.slice(0, 7)}`);
	const arn = kind.arn(name, place, inputs);
	return {
		id: kind.identifiedByArn ? arn : name,
		outputs: { [kind.named]: name, arn, region: place.region, ...kind.more?.(arn, inputs, unique) },
	};
}

/** Answers that every account has. A test adds or replaces its own. */
export function accountAnswers({ partition, region, accountId }: Place): Record<string, () => Record<string, Value>> {
	return {
		"aws:index/getCallerIdentity:getCallerIdentity": () => ({
			accountId,
			arn: `arn:${partition}:sts::${accountId}:assumed-role/deploy/session`,
			id: accountId,
			userId: "AROAEXAMPLE:session",
		}),
		"aws:index/getRegion:getRegion": () => ({ description: region, endpoint: "", id: region, region, name: region }),
		"aws:index/getPartition:getPartition": () => ({
			dnsSuffix: "amazonaws.com",
			id: partition,
			partition,
			reverseDnsPrefix: "com.amazonaws",
		}),
	};
}
