import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { marked, type Token, type Tokens } from "marked";

const REPOSITORY = new URL("../../", import.meta.url);

/** A page of documentation, as readers of Markdown see it. */
export interface Page {
	/** From the repository's root: `docs/values.md`. */
	file: string;
	/** Fenced blocks in their order. */
	blocks: Block[];
	/** Targets of links that lead to files of the repository, from the page's folder. */
	links: string[];
}

export interface Block {
	/** The word after the fence: `yaml`, `sh`, `text`. */
	language: string;
	text: string;
}

export function readPage(file: string): Page {
	const page: Page = { file, blocks: [], links: [] };
	const tokens = marked.lexer(readFileSync(fileURLToPath(new URL(file, REPOSITORY)), "utf8"));
	marked.walkTokens(tokens, (token: Token) => {
		if (token.type === "code") page.blocks.push({ language: (token as Tokens.Code).lang ?? "", text: token.text });
		if (token.type === "link" && !/^(\w+:|#)/.test(token.href)) page.links.push(token.href.replace(/#.*$/, ""));
	});
	return page;
}
