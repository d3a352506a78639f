/** Maps a sequence in its order, with up to `width` members on their way at once. */
export async function* mapAhead<Member, Result>(
	members: AsyncIterable<Member>,
	width: number,
	map: (member: Member) => Promise<Result>,
): AsyncGenerator<Result> {
	const ahead: Promise<Result>[] = [];
	for await (const member of members) {
		const result = map(member);
		// Whoever fails is heard when its turn comes.
		result.catch(() => {});
		ahead.push(result);
		if (ahead.length === width) yield await (ahead.shift() as Promise<Result>);
	}
	while (ahead.length > 0) yield await (ahead.shift() as Promise<Result>);
}
