const kept = new Map<string, object>();

/**
 * Keeps one object of a kind until the next comes. V8 forgets the shape of objects with the last of them, and with it all code that was
 * optimised for them: a container would begin each batch after a collection with slow code.
 */
export function keepShape(kind: string, one: object | undefined): void {
	if (one) kept.set(kind, one);
}
