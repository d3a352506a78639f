import type { AnyConsumerDefinition } from "../../contract/consumer-definition.ts";

/** The pipeline that the kinds' examples are about. */
const EXAMPLE = /\borders\b/g;

/** A first definition: small, valid, with what else there is in comments. */
export function scaffold(name: string, kinds: readonly AnyConsumerDefinition[]): string {
	return `# yaml-language-server: $schema=../schemas/pipeline.schema.json
name: ${name}
# description: What it is for, in a sentence.
# owner: your-team

table:
  keys:                                # they never change
    partition: { name: id, type: S }   # S, N or B
    # sort: { name: line, type: N }
  # ttl: expiresAt                     # epoch seconds: DynamoDB deletes the item then, and consumers are told (EXPIRE)
  viewType: NEW_AND_OLD_IMAGES         # what a change shows; never edited once the stream is there

fanOut: kinesis                        # or \`direct\`: one function delivers to all consumers, cheapest

consumers:
${kinds.map((kind) => listEntry(name, kind)).join("\n")}
# What differs in an environment:
# environments:
#   prod: { table: { pointInTimeRecoveryDays: 35 } }
`;
}

function listEntry(name: string, { summary, examples }: AnyConsumerDefinition): string {
	const [example] = examples;
	const lines = (example?.yaml ?? "").replaceAll(EXAMPLE, name).split("\n");
	const [first, second, ...others] = lines.map((line, index) => `${index === 0 ? "  - " : "    "}${line}\n`);
	const when = "    # when: { events: [INSERT, MODIFY], new: { status: PAID } }   # without it: every change\n";
	return `${first}${second?.trimEnd()}   # ${summary}\n${when}${others.join("")}`;
}
