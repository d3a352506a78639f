/** Something the user can put right: the message says what, why and what to do. */
export class EngineError extends Error {
	override readonly name = "EngineError";
}
