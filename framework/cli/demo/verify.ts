import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { bindManifest, type ManifestConsumer } from "../../contract/manifest.ts";
import type { Engine } from "../../local/engine.ts";
import { LOCAL_CLIENT } from "../../local/local-client.ts";
import type { PipelinePlan } from "../../plan/types.ts";
import { compilePredicate } from "../../runtime/predicate.ts";
import { type Arrival, compareWithLedger } from "./check.ts";
import type { Ledger } from "./ledger.ts";
import {
	arrivalsAtReceiver,
	arrivalsInExport,
	arrivalsInLake,
	badSignatures,
	type ReceivedRequest,
	readObjects,
} from "./read-back.ts";
import type { ConsumerResult, DemoResult } from "./report.ts";

type Verified = Pick<DemoResult, "consumers" | "lake" | "signatures" | "problems" | "places">;

interface Delivered {
	arrivals: Arrival[];
	/** Epoch milliseconds of each arrival. */
	times: number[];
	problems: string[];
	signatures: { valid: number; asked: number };
	place: string;
}

/** Reads lake, objects and the receiver's log back over the wire and holds them against the ledger. */
export async function verify(engine: Engine, pipeline: PipelinePlan, ledger: Ledger): Promise<Verified> {
	const s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: engine.endpoint, forcePathStyle: true });
	const manifests = pipeline.functions.map(({ manifest }) => bindManifest(manifest, engine.bindings));
	const lakeBucket = manifests.find(({ role }) => role === "lake")?.lake?.bucket ?? "";
	const lakeObjects = await readObjects(s3, lakeBucket, `pipeline=${pipeline.name}/`);
	const { arrivals, records } = arrivalsInLake(lakeObjects);
	const result: Verified = {
		consumers: [],
		lake: { objects: lakeObjects.length, records: records.length },
		signatures: { valid: 0, asked: 0 },
		problems: compareWithLedger("lake", ledger, arrivals),
		places: { lake: join(engine.files.objects, lakeBucket, `pipeline=${pipeline.name}`) },
	};
	for (const manifest of manifests)
		for (const consumer of manifest.consumers) {
			const delivered = await readConsumer(engine, s3, pipeline.name, consumer);
			const predicate = consumer.condition && compilePredicate(consumer.condition);
			const selected = records.filter((record) => predicate?.matches(record) ?? true).length;
			const deadLetters = `dead-letters/${pipeline.name}/${consumer.name}/`;
			const parked = (await readObjects(s3, manifest.operations.bucket, deadLetters)).length;
			result.consumers.push(consumerResult(consumer.name, selected, parked, delivered, ledger));
			result.problems.push(...compareWithLedger(consumer.name, ledger, delivered.arrivals), ...delivered.problems);
			if (parked > 0)
				result.problems.push(
					`${consumer.name}: ${parked} records were parked, see s3://${manifest.operations.bucket}/${deadLetters}`,
				);
			result.signatures.asked += delivered.signatures.asked;
			result.signatures.valid += delivered.signatures.valid;
			result.places[consumer.name] = delivered.place;
		}
	s3.destroy();
	return result;
}

/** Deliveries of the two shapes that the shipped pipeline has: objects in a bucket, requests at the receiver. */
async function readConsumer(
	engine: Engine,
	s3: S3Client,
	pipeline: string,
	consumer: ManifestConsumer,
): Promise<Delivered> {
	const settings = consumer.settings as { bucket?: string; prefix?: string; signingSecret?: string };
	if (settings.bucket !== undefined) {
		const objects = await readObjects(s3, settings.bucket, `${settings.prefix}/`);
		return {
			arrivals: arrivalsInExport(objects),
			times: objects.flatMap(({ storedAt, lines }) => lines.map(() => storedAt)),
			problems: [],
			signatures: { valid: 0, asked: 0 },
			place: join(engine.files.objects, settings.bucket, settings.prefix ?? ""),
		};
	}
	const log = `${engine.endpoint}/_receiver/requests?pipeline=${pipeline}&consumer=${consumer.name}`;
	const lines = (await (await fetch(log)).text()).split("\n").filter((line) => line !== "");
	const requests = lines.map((line) => JSON.parse(line) as ReceivedRequest);
	const bad = badSignatures(requests, settings.signingSecret ? await readSecret(engine, settings.signingSecret) : null);
	return {
		arrivals: arrivalsAtReceiver(requests),
		times: requests.map(({ receivedAt }) => receivedAt),
		problems:
			bad.length > 0
				? [`${consumer.name}: ${bad.length} requests without a valid signature, the first is ${bad[0]}`]
				: [],
		signatures: {
			asked: settings.signingSecret ? requests.length : 0,
			valid: settings.signingSecret ? requests.length - bad.length : 0,
		},
		place: engine.files.requests,
	};
}

async function readSecret(engine: Engine, reference: string): Promise<string> {
	const client = new SecretsManagerClient({ ...LOCAL_CLIENT, endpoint: engine.endpoint });
	const answer = await client.send(new GetSecretValueCommand({ SecretId: reference.replace(/^secretsmanager:/, "") }));
	client.destroy();
	return answer.SecretString ?? "";
}

function consumerResult(
	name: string,
	selected: number,
	parked: number,
	delivered: Delivered,
	ledger: Ledger,
): ConsumerResult {
	const seen = new Map<string, number>();
	const latencies = delivered.arrivals.flatMap(({ item }, index) => {
		const position = seen.get(item) ?? 0;
		seen.set(item, position + 1);
		const sentAt = ledger.of(item)[position]?.sentAt ?? null;
		return sentAt === null ? [] : [(delivered.times[index] ?? 0) - sentAt];
	});
	return { name, selected, delivered: delivered.arrivals.length, parked, latencies };
}
