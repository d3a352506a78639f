import type { PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { DEFAULT_NAME_PREFIX, NAME_PREFIX } from "../plan/names.ts";

/** What a stack's configuration says: `aws:region` and the keys `tributary:…`. */
export interface Configuration {
	region: string;
	/** Accounts that this stack may be deployed to; empty = any. */
	accounts: string[];
	tags: Record<string, string>;
	namePrefix: string;
	logRetentionDays: number;
	/** Pipelines of this stack; empty = all. */
	pipelines: string[];
	protect: boolean;
	/** Base URL of what stands in for targets outside, in the environment `local`. */
	receiver?: string;
}

const NAMESPACE = "tributary";

/** CloudWatch Logs API reference, PutRetentionPolicy. */
const RETENTIONS = [
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
/** IAM, Lambda and S3 take at most 50 tags on a resource; the rest is the pipelines' own. */
const MOST_TAGS = 30;

/** Why a value is refused; what to write instead. */
class Unusable extends Error {
	readonly help: string;
	constructor(detail: string, help: string) {
		super(detail);
		this.help = help;
	}
}

/** Each key: from the text that Pulumi hands over (lists and maps as JSON) to its value. Throws Unusable. */
const SETTINGS = {
	accounts: (text: string) =>
		readList(text).map((account) => {
			if (/^\d{12}$/.test(account)) return account;
			throw new Unusable(
				`"${account}" is no account.`,
				'An account has twelve digits; write it in quotes: "123456789012".',
			);
		}),
	tags: readTags,
	namePrefix: (text: string) => {
		if (NAME_PREFIX.test(text)) return text;
		throw new Unusable(
			`"${text}" cannot begin names.`,
			"Take one word of at most 20 lower-case letters and digits that begins with a letter.",
		);
	},
	logRetentionDays: (text: string) => {
		const days = Number(text);
		if (RETENTIONS.includes(days)) return days;
		throw new Unusable(`CloudWatch Logs keeps nothing for "${text}" days.`, `Use one of: ${RETENTIONS.join(", ")}.`);
	},
	pipelines: readList,
	protect: (text: string) => {
		if (text === "true" || text === "false") return text === "true";
		throw new Unusable(`"${text}" is neither true nor false.`, "Write true or false.");
	},
	receiver: (text: string) => {
		if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text.replace(/\/$/, "");
		throw new Unusable(`"${text}" is no URL.`, "Write one as http://127.0.0.1:9999.");
	},
} as const;

const DEFAULTS: Omit<Configuration, "region"> = {
	accounts: [],
	tags: {},
	namePrefix: DEFAULT_NAME_PREFIX,
	logRetentionDays: 30,
	pipelines: [],
	protect: true,
};

/** Reads a stack's configuration as Pulumi hands it over: keys with their namespace, values as text. Reports all that is wrong. */
export function readConfiguration(
	values: Readonly<Record<string, string>>,
	stack: string,
): { configuration: Configuration; problems: PathDiagnostic[] } {
	const problems: PathDiagnostic[] = [...checkRegion(values["aws:region"], stack)];
	const read: Record<string, unknown> = {};
	for (const [key, text] of Object.entries(values)) {
		const [namespace, name = ""] = key.split(":");
		if (namespace !== NAMESPACE) continue;
		if (Object.hasOwn(SETTINGS, name)) {
			try {
				read[name] = SETTINGS[name as keyof typeof SETTINGS](text);
			} catch (error) {
				if (!(error instanceof Unusable)) throw error;
				problems.push({
					code: "value-malformed",
					path: ["config", key],
					at: "value",
					detail: error.message,
					help: error.help,
				});
			}
		} else problems.push(unknownKey(key, name));
	}
	return { configuration: { ...DEFAULTS, ...read, region: values["aws:region"] ?? "" }, problems };
}

/** Settings become parts of resources, for all to read who may see those: a secret among them would be none. */
export function refuseSecrets(secretKeys: readonly string[]): PathDiagnostic[] {
	return secretKeys
		.filter((key) => key.startsWith(`${NAMESPACE}:`))
		.map((key) => ({
			code: "value-not-allowed",
			path: ["config", key],
			at: "key",
			detail: `"${key}" is kept as a secret and would stand in the open, in names, tags and functions.`,
			help: "Set it again without --secret. What consumers must keep secret goes to Secrets Manager or the Parameter Store; a definition names it.",
		}));
}

function unknownKey(key: string, name: string): PathDiagnostic {
	return {
		code: "key-unknown",
		path: ["config", key],
		at: "key",
		detail: `A stack has no setting "${name}".`,
		help: suggest(name, Object.keys(SETTINGS)),
	};
}

function checkRegion(region: string | undefined, stack: string): PathDiagnostic[] {
	if (region === undefined)
		return [
			{
				code: "key-missing",
				path: ["config"],
				at: "key",
				detail: `The stack ${stack} has no region: names and permissions depend on it.`,
				help: `Choose one:\n  pulumi config set aws:region eu-west-1 --stack ${stack}`,
			},
		];
	if (/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) return [];
	const help = "Write one as eu-west-1.";
	return [
		{ code: "value-malformed", path: ["config", "aws:region"], at: "value", detail: `"${region}" is no region.`, help },
	];
}

/** A YAML list arrives as JSON; `pulumi config set` takes text, with commas between. */
function readList(text: string): string[] {
	if (!text.startsWith("[")) return text.split(",").map((each) => each.trim());
	const list: unknown = parseJson(text);
	if (Array.isArray(list) && list.every((each) => ["string", "number"].includes(typeof each))) return list.map(String);
	throw new Unusable("This is no list of words.", "Write a YAML list of words.");
}

function readTags(text: string): Record<string, string> {
	const tags: unknown = parseJson(text);
	const entries = typeof tags === "object" && tags !== null && !Array.isArray(tags) ? Object.entries(tags) : null;
	if (entries === null || entries.some(([, value]) => typeof value !== "string"))
		throw new Unusable("Tags are a mapping of names to texts.", 'Write them as `team: "shop"`, one a line.');
	if (entries.length > MOST_TAGS)
		throw new Unusable(`${entries.length} tags leave no room for those of the pipelines.`, `Keep to ${MOST_TAGS}.`);
	for (const [name, value] of entries as [string, string][]) {
		if (/^aws:/i.test(name) || name.length > 128 || value.length > 256 || name === "")
			throw new Unusable(
				`AWS does not take the tag "${name}".`,
				"A name has 1 to 128 characters and does not begin with aws:, a value has at most 256.",
			);
	}
	return Object.fromEntries(entries);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
