import { LakeError } from "../../lake/lake-error.ts";

/** A witness that gives no answer. `leave`: the actions that asking it takes. */
export function unreachable(what: string, { name }: Error, leave: string): LakeError {
	return new LakeError("witness-unreachable", `${what} cannot be read: ${name}. It takes leave for ${leave}.`);
}
