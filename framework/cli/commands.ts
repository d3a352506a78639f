import type { Command } from "./command.ts";

interface Leaf {
	summary: string;
	/** Imported only when the command is called: `--help` and `validate` do not pay for the AWS SDK. */
	load(): Promise<Command>;
}

/** Commands on one thing: `pipeline lake ls`. */
interface Group {
	summary: string;
	subcommands: Readonly<Record<string, Leaf>>;
}

export type Entry = Leaf | Group;

/** Every command, in the order of the help. */
export const COMMANDS = {
	new: {
		summary: "Write a small valid definition to begin with",
		load: async () => (await import("./commands/new.ts")).newPipeline,
	},
	validate: {
		summary: "Check definitions and say what is wrong, where and what to do",
		load: async () => (await import("./commands/validate.ts")).validate,
	},
	plan: {
		summary: "Show what will exist, why, and what each consumer is promised",
		load: async () => (await import("./commands/plan.ts")).plan,
	},
	explain: {
		summary: "Show each consumer's filter and condition, and what they make of an event",
		load: async () => (await import("./commands/explain.ts")).explain,
	},
	invoke: {
		summary: "Run one function on a Lambda event, with recording sinks instead of AWS",
		load: async () => (await import("./commands/invoke.ts")).invoke,
	},
	test: {
		summary: "Run the tests that stand beside pipelines: what is written, and what each consumer must be sent",
		load: async () => (await import("./commands/test.ts")).test,
	},
	dev: {
		summary: "Run pipelines on this machine: any AWS SDK writes, consumers receive",
		load: async () => (await import("./commands/dev.ts")).dev,
	},
	lake: {
		summary: "Read a pipeline's data lake",
		subcommands: {
			ls: {
				summary: "List the hours of a lake, or its objects",
				load: async () => (await import("./commands/lake/ls.ts")).ls,
			},
			cat: {
				summary: "Print a lake's records, each once, in the order of the stream",
				load: async () => (await import("./commands/lake/cat.ts")).cat,
			},
			stat: {
				summary: "Sum a lake up: records, events, sizes, first and last change",
				load: async () => (await import("./commands/lake/stat.ts")).stat,
			},
			verify: {
				summary: "Check a lake against itself, and against what its table's stream still has",
				load: async () => (await import("./commands/lake/verify.ts")).verify,
			},
			manifest: {
				summary: "Print the manifest by which QuickSight reads the objects of a consumer",
				load: async () => (await import("./commands/lake/manifest.ts")).manifest,
			},
			query: {
				summary: "Ask a lake in SQL",
				load: async () => (await import("./commands/lake/query.ts")).query,
			},
		},
	},
	replay: {
		summary: "Send events from the lake once more, to one consumer or to other code",
		load: async () => (await import("./commands/replay.ts")).replay,
	},
	restore: {
		summary: "Put items that TTL deleted back, with a fresh TTL",
		load: async () => (await import("./commands/restore.ts")).restore,
	},
	dlq: {
		summary: "Dead letters: what consumers could not be given",
		subcommands: {
			ls: {
				summary: "List the dead letters and the dumps of crashed batches, with what went wrong",
				load: async () => (await import("./commands/dlq/ls.ts")).ls,
			},
			show: {
				summary: "Show one dead letter whole",
				load: async () => (await import("./commands/dlq/show.ts")).show,
			},
			redrive: {
				summary: "Deliver dead letters through the consumer's own function, in order per item",
				load: async () => (await import("./commands/dlq/redrive.ts")).redriveCommand,
			},
			drop: {
				summary: "Delete dead letters for good",
				load: async () => (await import("./commands/dlq/drop.ts")).drop,
			},
		},
	},
	fixtures: {
		summary: "Events for tests: from the lake, or made from an item",
		subcommands: {
			pull: {
				summary: "Write events from the lake as fixture files, for tests",
				load: async () => (await import("./commands/fixtures/pull.ts")).pull,
			},
			make: {
				summary: "Make the event that a change of an item would be, right for the table's view type",
				load: async () => (await import("./commands/fixtures/make.ts")).make,
			},
		},
	},
	demo: {
		summary: "Run the shipped pipeline whole, produce events, and check that each arrived",
		load: async () => (await import("./commands/demo.ts")).demo,
	},
} as const satisfies Record<string, Entry>;
