import { ConditionalCheckFailedException, DeleteItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { HeldError, LostAnswerError } from "./operation-error.ts";
import type { LetterPlace, Stores } from "./place.ts";

/** The right to send a consumer records by hand. Two at once would mix an item's order. */
export interface Lease {
	/** Keeps it; call it before each batch. Throws OperationError when it was lost. */
	renew(): Promise<void>;
	release(): Promise<void>;
}

/** Seconds beyond the function's timeout: what a dead holder began has ended by then. */
const SLACK_SECONDS = 60;

/** Takes the lease of a consumer, in a row beside those of its function. Throws OperationError while another holds it. */
export async function takeLease(place: LetterPlace, services: Stores, holder: string): Promise<Lease> {
	const { dynamodb, now } = services;
	const key = { scope: { S: place.scope }, row: { S: `lease/${place.consumer}` } };
	let renewedAt = Number.NEGATIVE_INFINITY;
	const hold = async (): Promise<void> => {
		const seconds = Math.floor(now() / 1000);
		const until = seconds + place.timeoutSeconds + SLACK_SECONDS;
		try {
			await dynamodb.send(
				new UpdateItemCommand({
					TableName: place.stateTable,
					Key: key,
					UpdateExpression: "SET holder = :holder, leaseUntil = :until, expiresAt = :until",
					ConditionExpression: "attribute_not_exists(holder) OR holder = :holder OR leaseUntil < :now",
					ExpressionAttributeValues: {
						":holder": { S: holder },
						":until": { N: String(until) },
						":now": { N: String(seconds) },
					},
				}),
			);
		} catch (error) {
			if (!(error instanceof ConditionalCheckFailedException)) throw error;
			throw new HeldError(
				`Another redrive, drop or replay of ${place.consumer} is under way. If it was killed, its hold ends ${place.timeoutSeconds + SLACK_SECONDS} s after its last batch.`,
			);
		}
		renewedAt = now();
	};
	await hold();
	return {
		async renew() {
			if (now() - renewedAt > (SLACK_SECONDS * 1000) / 4) await hold();
		},
		async release() {
			const command = new DeleteItemCommand({
				TableName: place.stateTable,
				Key: key,
				ConditionExpression: "holder = :holder",
				ExpressionAttributeValues: { ":holder": { S: holder } },
			});
			await dynamodb.send(command).catch((error) => {
				if (!(error instanceof ConditionalCheckFailedException)) throw error;
			});
		},
	};
}

/** Does something while a consumer's lease is held. After a lost answer it runs out by itself: the function may still be at work. */
export async function withLease<Result>(
	place: LetterPlace,
	services: Stores,
	holder: string,
	work: (lease: Lease) => Promise<Result>,
): Promise<Result> {
	const lease = await takeLease(place, services, holder);
	let lost = false;
	try {
		return await work(lease);
	} catch (error) {
		lost = error instanceof LostAnswerError;
		throw error;
	} finally {
		if (!lost) await lease.release();
	}
}
