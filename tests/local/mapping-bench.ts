import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Invocation } from "../../framework/local/functions/invocation.ts";
import { openCheckpoints } from "../../framework/local/mapping/checkpoints.ts";
import { startMapping } from "../../framework/local/mapping/start-mapping.ts";
import type { MappingOptions, RunningMapping } from "../../framework/local/mapping/types.ts";
import type { Mapping } from "../../framework/plan/types.ts";
import { type FakeClock, fakeClock } from "../../framework/testing/fake-clock.ts";
import { MAPPING_SETTINGS } from "../../framework/testing/mapping-settings.ts";
import { createFakeSource, type FakeSource } from "./fake-source.ts";

export interface Bench {
	clock: FakeClock;
	source: FakeSource;
	/** Sequence numbers of each invocation, in order. */
	invocations: string[][];
	dumps: { key: string; body: string }[];
	/** What the function does with the sequence numbers it is given: answers, or throws. */
	answer: (sequenceNumbers: string[]) => unknown;
	start(settings?: Partial<Mapping>, more?: Partial<MappingOptions>): RunningMapping;
	/** Lets everything run, through as many waits as it takes. */
	settle(mapping: RunningMapping): Promise<void>;
	/** Lets what needs no waiting run. */
	turn(): Promise<void>;
	/** Stops what was started. */
	remove(): Promise<void>;
}

/** A mapping between a fake source and a function of the test's own, on a clock that only moves when told. */
export function createBench(): Bench {
	const dir = mkdtempSync(join(tmpdir(), "mapping-"));
	const started: RunningMapping[] = [];
	const clock = fakeClock();
	const source = createFakeSource();
	const turn = async (): Promise<void> => {
		for (let count = 0; count < 3; count++) await new Promise((resolve) => setImmediate(resolve));
	};
	const invoke = async (records: readonly string[]): Promise<Invocation> => {
		const sequenceNumbers = records.map((text) => JSON.parse(text).dynamodb.SequenceNumber as string);
		bench.invocations.push(sequenceNumbers);
		const requestId = `request-${bench.invocations.length}`;
		try {
			return { requestId, status: "answered", response: await bench.answer(sequenceNumbers) };
		} catch (error) {
			return { requestId, status: "failed", error: String(error) };
		}
	};
	const bench: Bench = {
		clock,
		source,
		invocations: [],
		dumps: [],
		answer: () => null,
		start(settings = {}, more = {}) {
			const mapping = startMapping({
				id: "11111111-2222-3333-4444-555555555555",
				source,
				sourceType: "dynamodb",
				streamArn: "arn:stream",
				functionArn: "arn:function",
				settings: { ...MAPPING_SETTINGS, ...settings },
				filters: [],
				checkpoints: openCheckpoints(join(dir, "mapping.json"), "arn:stream", clock.now()),
				clock,
				invoke,
				putFailure: async (key, body) => void bench.dumps.push({ key, body }),
				...more,
			});
			started.push(mapping);
			return mapping;
		},
		async settle(mapping) {
			for (await turn(); !mapping.idle(); await turn()) clock.advanceToNext();
		},
		turn,
		async remove() {
			await Promise.all(started.map((mapping) => mapping.drain()));
			rmSync(dir, { recursive: true, force: true });
		},
	};
	return bench;
}
