import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { suggest } from "../diagnostics/suggest.ts";
import type { Plan } from "../plan/types.ts";
import { hasPath, placeInFile } from "../project/place.ts";
import { planProject } from "../project/plan.ts";
import { readProject } from "../project/read.ts";
import { readStackFile } from "../project/stack-file.ts";
import { buildCode } from "./code.ts";
import { type Configuration, readConfiguration, refuseSecrets } from "./configuration.ts";
import type { Hooks } from "./hooks.ts";
import { loadHooks } from "./load-hooks.ts";
import { type Identity, lookUpIdentity } from "./look-up.ts";
import { report } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { surveyPlan } from "./survey.ts";

/** What the engine tells a program about its stack. */
export interface Stack {
	/** Folder of Pulumi.yaml. */
	root: string;
	name: string;
	/** Keys with their namespace; values as text, lists and maps as JSON. */
	configuration: Readonly<Record<string, string>>;
	/** ISO */
	startedAt: string;
}

export interface Prepared {
	plan: Plan;
	settings: Settings;
	hooks: Hooks;
}

/** Functions are bundled from the code that runs this program. */
const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** Reads, plans and looks up all that a deployment needs. Whatever is wrong ends the program here, before anything is made. */
export async function prepare(stack: Stack): Promise<Prepared> {
	const project = readProject(stack.root, [], stack.name);
	const known = (project.definitions.get(stack.name) ?? []).flatMap(({ name, enabled }) => (enabled ? [name] : []));
	const { configuration, problems } = readConfiguration(stack.configuration, stack.name);
	const file = readStackFile(stack.root, stack.name);
	const sources = new Map([...project.sources, [file.file, file.text]]);
	const secretKeys = Object.keys(stack.configuration).filter((key) => hasPath(file, ["config", key, "secure"]));
	const inStackFile = [...problems, ...refuseSecrets(secretKeys), ...checkPipelines(configuration, known, stack.name)];
	const placed = inStackFile.map((each) => placeInFile(file, [each.path], each));
	await report([...placed.sort((one, other) => one.line - other.line), ...project.diagnostics], sources);

	const { pipelines: names, namePrefix } = configuration;
	const plan = await planProject(project, { environment: stack.name, names, namePrefix });
	const identity = await lookUpIdentity();
	const notAllowed = checkAccount(configuration, identity, stack.name);
	await report(
		notAllowed.map((each) => placeInFile(file, [each.path], each)),
		sources,
	);

	const survey = await surveyPlan(plan, { ...configuration, startedAt: stack.startedAt }, project.sources);
	await report(survey.diagnostics, sources);
	const hooks = await loadHooks(stack.root);
	const code = await buildCode(plan, CHECKOUT, join(stack.root, ".tributary", "bundles"));
	const { tables, owned, keys } = survey;
	return {
		plan,
		hooks,
		settings: { ...configuration, ...identity, startedAt: stack.startedAt, code, tables, owned, keys },
	};
}

function checkPipelines({ pipelines }: Configuration, known: readonly string[], stack: string): PathDiagnostic[] {
	return pipelines
		.filter((name) => !known.includes(name))
		.map((name) => ({
			code: "value-not-allowed",
			path: ["config", "tributary:pipelines"],
			at: "value",
			detail: `There is no pipeline "${name}" that is enabled in the environment ${stack}.`,
			help: suggest(name, known),
		}));
}

function checkAccount({ accounts }: Configuration, { accountId }: Identity, stack: string): PathDiagnostic[] {
	if (accounts.length === 0 || accounts.includes(accountId)) return [];
	return [
		{
			code: "account-not-allowed",
			path: ["config", "tributary:accounts"],
			at: "value",
			detail: `These are credentials of the account ${accountId}; the stack ${stack} may go to ${accounts.join(", ")} only.`,
			help: "Log in to that account (AWS_PROFILE chooses a profile), or add this one to the list.",
		},
	];
}
