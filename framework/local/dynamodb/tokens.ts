import { createHash } from "node:crypto";
import { AwsError } from "../aws-json.ts";
import type { Clock } from "../clock.ts";
import type { Write } from "./commits.ts";
import { readRows, rowKeys, type Store } from "./store.ts";

/** A request token holds for ten minutes after its request is done (DynamoDB API reference, TransactWriteItems). */
const TOKEN_LIFE_MS = 10 * 60 * 1000;

interface TokenRow {
	digest: string;
	/** Epoch milliseconds. */
	doneAt: number;
}

/** Tokens of transactions that were done: one with the same token is not done again. */
export interface Tokens {
	/** Whether the request was done before. Throws if the token belongs to another request, or to one in hand. */
	isDone(token: string, request: string): boolean;
	/** Runs a request under its token. `writes` are to be committed with what it writes. */
	hold<Answer>(token: string, request: string, run: (writes: Write[]) => Promise<Answer>): Promise<Answer>;
}

export async function openTokens(store: Store, clock: Clock): Promise<Tokens> {
	const rows: [string, TokenRow][] = [];
	for await (const row of readRows<TokenRow>(store, rowKeys.token(""))) rows.push(row);
	/** Oldest first. */
	const done = new Map(rows.sort(([, a], [, b]) => a.doneAt - b.doneAt));
	const inHand = new Set<string>();

	const expire = (): Write[] => {
		const old = [...takeWhile(done, ({ doneAt }) => doneAt <= clock.now() - TOKEN_LIFE_MS)];
		for (const token of old) done.delete(token);
		return old.map((token) => ({ type: "del", key: rowKeys.token(token) }));
	};
	return {
		isDone(token, request) {
			if (inHand.has(token))
				throw new AwsError(
					"TransactionInProgressException",
					"The transaction with the given request token is in progress.",
				);
			const row = done.get(token);
			if (!row || row.doneAt <= clock.now() - TOKEN_LIFE_MS) return false;
			if (row.digest === digestOf(request)) return true;
			throw new AwsError(
				"IdempotentParameterMismatchException",
				"The request uses the same client token as a previous, but non-identical request.",
			);
		},
		async hold(token, request, run) {
			const row = { digest: digestOf(request), doneAt: clock.now() };
			inHand.add(token);
			try {
				const answer = await run([...expire(), { type: "put", key: rowKeys.token(token), value: row }]);
				done.set(token, row);
				return answer;
			} finally {
				inHand.delete(token);
			}
		},
	};
}

function* takeWhile(rows: ReadonlyMap<string, TokenRow>, isOld: (row: TokenRow) => boolean): Generator<string> {
	for (const [token, row] of rows) {
		if (!isOld(row)) return;
		yield token;
	}
}

function digestOf(request: string): string {
	return createHash("sha256").update(request).digest("hex");
}
