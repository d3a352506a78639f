import type { PathDiagnostic } from "../../framework/diagnostics/diagnostic.ts";
import type { HttpSettings } from "./settings.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Headers that the deliverer or HTTP itself sets. */
const RESERVED =
	/^(webhook-(id|timestamp|signature)|content-(type|length|encoding)|host|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect)$/;

/** Names under which credentials travel. */
const CREDENTIAL = /auth|cookie|token|secret|password|credential|signature|api-?_?key|access-?_?key/;

/** What a pattern cannot say about the URL. The URL itself is not repeated: what is wrong with it may be a secret. */
export function checkUrl(text: string, local: boolean): PathDiagnostic[] {
	const at = { path: ["url"], at: "value" } as const;
	if (!URL.canParse(text))
		return [
			{
				...at,
				code: "url-invalid",
				detail: "`url` cannot be read as a URL.",
				help: "Give a full URL, such as https://crm.example.com/events.",
			},
		];
	const url = new URL(text);
	const diagnostics: PathDiagnostic[] = [];
	if (url.username !== "" || url.password !== "")
		diagnostics.push({
			...at,
			code: "url-credentials",
			detail: "`url` holds a user name or a password. It would stand in the repository, the plan and the logs.",
			help: "Put the credentials into a secret and name it under secretHeaders:\n    secretHeaders: { authorization: secretsmanager:<name> }",
		});
	if (url.hash !== "")
		diagnostics.push({
			...at,
			code: "url-invalid",
			detail: `\`url\` ends with the fragment \`${url.hash}\`, which is never sent to a server.`,
			help: "Leave out the # and what follows it.",
		});
	if (url.protocol !== "https:" && !local && !LOOPBACK.test(url.hostname))
		diagnostics.push({
			...at,
			code: "url-not-https",
			detail: `\`url\` would send records to ${url.host} unencrypted. http is for the environment local and for this machine only.`,
			help: "Use https.",
		});
	return diagnostics;
}

/** Refuses constant headers that carry credentials, and headers that the deliverer sets itself. */
export function checkHeaders({ headers, secretHeaders }: HttpSettings): PathDiagnostic[] {
	return [
		...Object.keys(headers).flatMap((name) => checkHeader("headers", name)),
		...Object.keys(secretHeaders).flatMap((name) => checkHeader("secretHeaders", name)),
	];
}

function checkHeader(list: "headers" | "secretHeaders", name: string): PathDiagnostic[] {
	const at = { path: [list, name], at: "key" } as const;
	const lower = name.toLowerCase();
	if (RESERVED.test(lower))
		return [
			{
				...at,
				code: "header-reserved",
				detail: `\`${name}\` follows from the request and its signature and cannot be given.`,
				help: "Leave it out. To sign requests, set signingSecret.",
			},
		];
	if (list === "secretHeaders" || !CREDENTIAL.test(lower)) return [];
	return [
		{
			...at,
			code: "header-credential",
			detail: `\`${name}\` reads like a credential. As a constant it would stand in the repository and in the plan.`,
			help: `Put the value into a secret and name it:\n    secretHeaders: { ${name}: secretsmanager:<name> }`,
		},
	];
}
