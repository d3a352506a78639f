import type { World } from "../world.ts";

/** I5, in the end: what the lake's objects hold is every record, or what its mapping gave up. */
export function judgeLakeContent(world: World): void {
	const { facts, table, scenario } = world;
	if (scenario.lake === null) return;
	const held = new Set([...facts.lake.values()].flatMap(({ truths }) => truths));
	for (const { id, shape } of table.truths) {
		if (shape === "foreign") continue;
		const given = facts.dumped.get("lake")?.has(id) || facts.dropped.get("lake")?.has(id);
		if (!held.has(id) && !given) world.breach("I5", `No object of the lake holds r${id} in the end.`);
	}
}

/** I5, as an object is put: one name for one content, in the records' own hour, whole lines. */
export function judgeLakeObject(world: World, key: string, text: string, truths: readonly (number | null)[]): void {
	const before = world.facts.lake.get(key);
	if (before && before.text !== text)
		world.breach("I5", `The lake's object ${key} was overwritten by another content.`);
	if (!text.endsWith("\n")) world.breach("I5", `The lake's object ${key} ends in half a line.`);
	for (const id of truths) {
		if (id === null) {
			world.breach("I5", `The lake's object ${key} holds a line that is no record.`);
			continue;
		}
		world.mark("I5", id);
		world.index.inLake.add(id);
		const iso = new Date(world.truth(id).time * 1000).toISOString();
		const hour = `dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}/`;
		if (!key.includes(hour)) world.breach("I5", `r${id} of ${iso} lies in the lake under ${key}.`);
	}
}
