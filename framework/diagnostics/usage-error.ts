/** What was asked for cannot be done: one message without a stack trace that says what, why and what to do. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}
