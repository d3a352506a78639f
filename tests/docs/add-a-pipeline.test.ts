import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { copyProject, type ProjectCopy, type Script } from "../../framework/testing/copy-project.ts";
import { type Block, readPage } from "../../framework/testing/read-page.ts";

/** Where the page says that its blocks are saved; YAML says so in its first line. */
const FILES: Readonly<Record<string, string>> = { json: "event.json", js: "put-order.mjs" };

/** Asks until there is an answer: the page's reader looks when the webhook is there. */
const CURL = `exec node -e '
const [, url] = process.argv.slice(1);
for (let body = ""; body === ""; process.stdout.write(body)) body = await (await fetch(url)).text();
' --input-type=module -- "$@"
`;

/** Stands in for GitHub's command. */
const GH = 'printf "%s" "$*" > gh.txt\n';

const REPOSITORY = `git init --quiet --initial-branch main
git config user.name "A team" && git config user.email team@example.com
git add pipelines Pulumi.*.yaml && git commit --quiet --message "What there is"
git init --quiet --bare ../origin.git && git remote add origin ../origin.git
`;

/** A page's reader: does what each block says, and compares what the page shows with what comes. */
class Reader {
	readonly #project: ProjectCopy;
	#running: Script | undefined;
	#endpoint = "";
	#shown = "";

	constructor(project: ProjectCopy) {
		this.#project = project;
	}

	async follow({ language, text }: Block): Promise<void> {
		const file = language === "yaml" ? /^# (\S+)\n/.exec(text)?.[1] : FILES[language];
		if (file !== undefined) writeFileSync(join(this.#project.root, file), `${text}\n`);
		else if (language === "sh") await this.#run(text);
		else if (text.startsWith("pipelines/orders.yaml:")) await this.#makeMistake(text);
		else expect(this.#shown).toMatch(pattern(text));
	}

	async #run(script: string): Promise<void> {
		if (script.startsWith("npx pipeline dev")) return this.#startDev(script);
		// Its lake is whole when it has drained.
		if (script.includes("pipeline lake")) await this.stop();
		const { code, stdout } = await this.#project.bash(
			`exec 2>&1\n${script.replace("http://127.0.0.1:8010", this.#endpoint)}`,
		);
		expect([code, stdout]).toEqual([0, expect.any(String)]);
		this.#shown = stdout;
	}

	async #startDev(script: string): Promise<void> {
		this.#running = this.#project.start(`exec ${script} --port 0 --format json`);
		const [ready] = await once(createInterface(this.#running.stdout), "line");
		this.#endpoint = JSON.parse(ready).endpoints.dynamodb;
	}

	async stop(): Promise<void> {
		if (this.#running === undefined) return;
		const ended = once(this.#running, "exit");
		this.#running.kill("SIGINT");
		expect(await ended).toEqual([0, null]);
		this.#running = undefined;
	}

	async #makeMistake(expected: string): Promise<void> {
		const path = join(this.#project.root, "pipelines/orders.yaml");
		const right = readFileSync(path, "utf8");
		writeFileSync(path, right.replace("NEW_AND_OLD_IMAGES", "NEW_IMAGE"));
		const { code, stdout } = await this.#project.bash("npx pipeline validate");
		expect({ code, stdout }).toEqual({ code: 1, stdout: `${expected}\n` });
		writeFileSync(path, right);
	}
}

/** What a page shows, in which `…` stands for what it leaves out: part of a line, or whole lines. */
function pattern(shown: string): RegExp {
	const quote = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
	const lines = shown
		.split("\n")
		.map((line) => (line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(quote).join(".*")}\\n`));
	return new RegExp(`^${lines.join("")}$`);
}

test("the steps of the page lead from an empty branch to a pull request", { timeout: 120_000 }, async () => {
	const project = copyProject({ curl: CURL, gh: GH });
	onTestFinished(project.remove);
	expect(await project.bash(REPOSITORY)).toMatchObject({ code: 0 });
	const reader = new Reader(project);
	onTestFinished(() => reader.stop());
	const { blocks } = readPage("docs/add-a-pipeline.md");
	expect(blocks.filter(({ language }) => language === "sh").length).toBeGreaterThan(6);
	for (const block of blocks) await reader.follow(block);
	expect(readFileSync(join(project.root, "gh.txt"), "utf8")).toBe("pr create --fill");
	const pushed = await project.bash("git --git-dir ../origin.git show add-orders:pipelines/orders.yaml");
	expect(pushed.stdout).toBe(readFileSync(join(project.root, "pipelines/orders.yaml"), "utf8"));
});

test("what a page shows is compared, but for what it leaves out", () => {
	expect("a\nb\nc\nx-1-y\n").toMatch(pattern("a\n…\nx-…-y"));
	expect("a\nx-1-z\n").not.toMatch(pattern("a\n…\nx-…-y"));
	expect("a\nb\n").not.toMatch(pattern("a"));
});
