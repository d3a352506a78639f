import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { planYaml } from "../testing/compile-yaml.ts";
import { renderMermaid } from "./render-mermaid.ts";

const LABEL = /"(?:[^"#&<>`%;\\*_]|#\d+;|<br\/>)*"/.source;
const NODE = `p1(?:in|[rft]\\d+)|bucket\\d+`;
const SHAPE = `\\[${LABEL}\\]|\\[\\(${LABEL}\\)\\]|\\[\\[${LABEL}\\]\\]|\\(\\[${LABEL}\\]\\)`;
/** Every line that the renderer may write; a label holds nothing that Mermaid reads. */
const LINE = new RegExp(
	`^ *(?:flowchart LR|end|subgraph p1\\[${LABEL}\\]|(?:${NODE})(?:${SHAPE})?(?: -\\.?->(?:\\|${LABEL}\\|)? (?:${NODE}))?)$`,
);

const HOSTILE = [
	'"]; click p1r1 call x()',
	"%%{init: {}}%%",
	"`# a`",
	"<script>",
	"$$x$$",
	"#quot;",
	"end",
	"\\",
	"&lt;",
];

test("no text of a definition leaves its label", () => {
	const words = fc
		.array(fc.constantFrom(...HOSTILE, ..."ab |-()[]{}"), { minLength: 1 })
		.map((parts) => parts.join(""));
	fc.assert(
		fc.property(words, words, (value, key) => {
			const yaml = stringify({
				name: "orders",
				table: { keys: { partition: { name: key, type: "S" } }, viewType: "NEW_IMAGE" },
				consumers: [{ name: "end", kind: "s3", when: { new: { status: value } }, enhancedFanOut: true }],
			});
			const diagram = renderMermaid(planYaml("orders", yaml));
			expect(
				diagram
					.trimEnd()
					.split("\n")
					.filter((line) => !LINE.test(line)),
			).toEqual([]);
		}),
		{ numRuns: 50 },
	);
});

test("the shape of a line can refuse", () => {
	expect(LINE.test('  p1f1["a"] --> p1t1["b"]; click')).toBe(false);
	expect(LINE.test('  p1t1["a"b"]')).toBe(false);
});
