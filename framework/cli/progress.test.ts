import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

function progressOn(terminal: boolean) {
	let text = "";
	let time = 0;
	const io = {
		stdout() {},
		stderr(more: string) {
			text += more;
		},
		cwd: "",
		env: {},
		terminal,
		printsToTerminal: false,
		signal: new AbortController().signal,
	};
	const progress = createProgress(io, { label: "records", total: 400, now: () => time });
	return {
		progress,
		/** What was said since the last time. */
		said(): string {
			const said = text;
			text = "";
			return said;
		},
		pass(milliseconds: number) {
			time += milliseconds;
		},
	};
}

test("on a terminal a bar shows rate and time left, ten times a second at most, and gives way to a line", () => {
	const { progress, said, pass } = progressOn(true);
	pass(2000);
	progress.advance(100);
	expect(said()).toBe("\r[███████                       ] 100 of 400 records, 50/s, 6 s left\x1b[K");
	pass(50);
	progress.advance(101);
	expect(said()).toBe("");
	progress.say("One was refused.\n");
	expect(said()).toBe("\r\x1b[KOne was refused.\n");
	progress.advance(400);
	expect(said()).toContain("400 of 400 records");
	progress.end();
	expect(said()).toBe("\n");
});

test("elsewhere a line stands for each quarter", () => {
	const { progress, said } = progressOn(false);
	for (const done of [1, 100, 199, 300, 400]) progress.advance(done);
	progress.say("One was refused.\n");
	progress.end();
	expect(said()).toBe(
		"1 of 400 records\n100 of 400 records\n300 of 400 records\n400 of 400 records\nOne was refused.\n",
	);
});
