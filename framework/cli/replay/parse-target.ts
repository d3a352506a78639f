import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { ChangeOf } from "../../lake/select.ts";
import type { Services } from "../../operations/place.ts";
import { fileTarget, functionTarget, type Target, urlTarget } from "../../operations/replay/target.ts";
import { type Arguments, UsageError } from "../command.ts";

/** Other code that events are sent to, instead of a consumer. */
export interface OtherCode {
	/** For the journal's name. */
	name: string;
	given: string;
	open(services: Services, changeOf: ChangeOf): Promise<Target>;
}

const ARN = /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;

const isFile = (text: string): boolean => /\.[cm]?[jt]s$/.test(text);
const isTarget = (text: string): boolean => text.startsWith("arn:") || /^https?:\/\//.test(text) || isFile(text);

/** Parts the values of `--to`: the end of the range, and other code. No time looks like an ARN, a URL or a file of code. */
export function partTo(args: Arguments): { target: string | null; args: Arguments } {
	const values = args.all("to");
	const targets = values.filter(isTarget);
	const times = values.filter((text) => !isTarget(text));
	if (targets.length > 1 || times.length > 1)
		throw new UsageError(`--to ${values.join(" --to ")}: give one end of the range, and one target at most.`);
	const option = (name: string): string | undefined => (name === "to" ? times[0] : args.option(name));
	return { target: targets[0] ?? null, args: { ...args, option } };
}

/** Reads a target. Throws UsageError for what can be none, before anything is done. */
export function parseTarget(given: string, cwd: string): OtherCode {
	const name = `target-${createHash("sha256").update(given).digest("hex").slice(0, 16)}`;
	if (given.startsWith("arn:")) {
		if (!ARN.test(given)) throw new UsageError(`--to ${given}: this is not the ARN of a Lambda function.`);
		return { name, given, open: async (services) => functionTarget(given, services) };
	}
	if (isFile(given)) {
		const path = resolve(cwd, given);
		if (!existsSync(path)) throw new UsageError(`--to ${given}: there is no such file.`);
		const open = async ({ now }: Services): Promise<Target> =>
			fileTarget(path, now).catch((error) => {
				throw new UsageError(`--to ${given}: ${(error as Error).message}.`);
			});
		return { name, given, open };
	}
	if (!URL.canParse(given)) throw new UsageError(`--to ${given}: this is no URL.`);
	return { name, given, open: async (_services, changeOf) => urlTarget(given, changeOf) };
}
