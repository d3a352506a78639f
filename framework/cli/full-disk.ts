/** A file system without room, a user's quota, and a limit on a file's size (`ulimit -f`). */
const REASONS: Readonly<Record<string, string>> = {
	ENOSPC: "The disk is full.",
	EDQUOT: "The disk's quota is used up.",
	EFBIG: "A file grew beyond its limit (ulimit -f).",
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? "";

/** Whether something could not be written because there is no room for it. */
export const isFull = (error: unknown): boolean => Object.hasOwn(REASONS, codeOf(error));

/** The reason, in a sentence. */
export const describeFull = (error: unknown): string => REASONS[codeOf(error)] ?? "The disk is full.";
