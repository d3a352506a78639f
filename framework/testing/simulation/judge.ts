import type { Checkpoint } from "../../local/mapping/checkpoints.ts";
import { lettersOf } from "./expectation.ts";
import type { InvocationFact, Letter, Operation, Receipt } from "./facts.ts";
import { judgeReports } from "./invariants/accounting.ts";
import { judgeAnswer, judgeReplay } from "./invariants/answer.ts";
import { judgeDuplicates } from "./invariants/duplicates.ts";
import { judgeHolds } from "./invariants/hold.ts";
import { judgeIsolation } from "./invariants/isolation.ts";
import { judgeLakeContent, judgeLakeObject } from "./invariants/lake.ts";
import { judgeLoss, judgePassed, judgeUnparked } from "./invariants/loss.ts";
import { judgeReceived, judgeRepeats } from "./invariants/order.ts";
import { judgeEffort, judgeQuiet } from "./invariants/progress.ts";
import { judgeOperated, judgeReplayed } from "./invariants/replay.ts";
import type { StreamModel } from "./stream-model.ts";
import type { World } from "./world.ts";

/** Holds what happens against the promises, at the moment at which a breach shows. */
export interface Judge {
	received(receipt: Receipt): void;
	parked(consumer: string, truth: number | null): void;
	/** An operator takes a letter away. */
	unparked(key: string, letter: Letter): void;
	/** A redrive or replay came to its end. */
	operated(operation: Operation): void;
	/** A record was taken in a replay. */
	replayed(receipt: Receipt): void;
	lakeObject(key: string, text: string, truths: readonly (number | null)[]): void;
	invocation(invocation: InvocationFact): void;
	passed(
		functionId: string,
		stream: StreamModel,
		shardId: string,
		before: Checkpoint | undefined,
		now: Checkpoint,
	): void;
	end(finished: boolean): void;
}

export function createJudge(world: World): Judge {
	return {
		received(receipt) {
			judgeReceived(world, receipt);
			world.index.received.add(`${receipt.consumer} ${receipt.truth}`);
		},
		parked(consumer, truth) {
			world.index.parked.add(`${consumer} ${truth}`);
		},
		unparked(key, letter) {
			judgeUnparked(world, letter);
			world.facts.letters.set(key, { ...letter, gone: true });
			if (lettersOf(world, letter).length === 0) world.index.parked.delete(`${letter.consumer} ${letter.truth}`);
		},
		operated: (operation) => judgeOperated(world, operation),
		replayed: (receipt) => judgeReplayed(world, receipt),
		lakeObject: (key, text, truths) => judgeLakeObject(world, key, text, truths),
		invocation(invocation) {
			if (invocation.replay !== null) judgeReplay(world, invocation);
			else judgeAnswer(world, invocation);
			judgeReports(world, invocation);
			judgeEffort(world, invocation);
		},
		passed: (functionId, stream, shardId, before, now) => judgePassed(world, functionId, stream, shardId, before, now),
		end(finished) {
			judgeQuiet(world, finished);
			judgeLoss(world);
			judgeRepeats(world);
			judgeDuplicates(world);
			judgeIsolation(world);
			judgeHolds(world);
			judgeLakeContent(world);
		},
	};
}
