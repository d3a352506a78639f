/** An operation cannot go on, in words for whoever runs it: nothing is wrong with the tool. */
export class OperationError extends Error {
	override readonly name: string = "OperationError";
}

/** Another one is at work on the consumer. */
export class HeldError extends OperationError {
	override readonly name = "HeldError";
}

/** Nobody knows whether a function ran, or still runs: nothing else may be sent for now. */
export class LostAnswerError extends OperationError {
	override readonly name = "LostAnswerError";
}

/** A receiver does not take a record, as often as it was tried. */
export class UnsentError extends OperationError {
	override readonly name = "UnsentError";
}
