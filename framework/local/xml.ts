import { randomUUID } from "node:crypto";
import type { AwsError } from "./aws-json.ts";
import type { LocalResponse } from "./http.ts";

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Text for an XML document. Line ends and other controls become references: a parser would change or refuse them. */
export function escapeXml(text: string): string {
	return text.replace(/[&<>"\p{Cc}]/gu, (character) => `&#${character.codePointAt(0)};`);
}

export function unescapeXml(text: string): string {
	return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (reference, hex, decimal, name) => {
		if (name !== undefined) return ENTITIES[name] ?? reference;
		const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
		return point <= 0x10ffff ? String.fromCodePoint(point) : reference;
	});
}

/** Contents of each element of a name, in order. For documents without attributes or nesting of that name, as S3's requests are. */
export function elementsOf(document: string, name: string): string[] {
	const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, "g");
	return [...document.matchAll(pattern)].map(([, content = ""]) => content);
}

/** The text of the first element of a name; null if there is none. */
export function textOf(document: string, name: string): string | null {
	const [content] = elementsOf(document, name);
	return content === undefined ? null : unescapeXml(content);
}

export function xmlResponse(document: string, status = 200): LocalResponse {
	return {
		status,
		headers: { "content-type": "application/xml", "x-amz-request-id": randomUUID() },
		body: `<?xml version="1.0" encoding="UTF-8"?>\n${document}`,
	};
}

export function xmlError({ code, message, status }: AwsError): LocalResponse {
	return xmlResponse(`<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`, status);
}
