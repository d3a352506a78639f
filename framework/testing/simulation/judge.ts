import type { Checkpoint } from "../../local/mapping/checkpoints.ts";
import type { InvocationFact, Receipt } from "./facts.ts";
import { judgeReports } from "./invariants/accounting.ts";
import { judgeAnswer } from "./invariants/answer.ts";
import { judgeDuplicates } from "./invariants/duplicates.ts";
import { judgeIsolation } from "./invariants/isolation.ts";
import { judgeLakeContent, judgeLakeObject } from "./invariants/lake.ts";
import { judgeLoss, judgePassed } from "./invariants/loss.ts";
import { judgeReceived, judgeRepeats } from "./invariants/order.ts";
import { judgeEffort, judgeQuiet } from "./invariants/progress.ts";
import type { StreamModel } from "./stream-model.ts";
import type { World } from "./world.ts";

/** Holds what happens against the promises, at the moment at which a breach shows. */
export interface Judge {
	received(receipt: Receipt): void;
	parked(consumer: string, truth: number | null): void;
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
		lakeObject: (key, text, truths) => judgeLakeObject(world, key, text, truths),
		invocation(invocation) {
			judgeAnswer(world, invocation);
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
			judgeLakeContent(world);
		},
	};
}
