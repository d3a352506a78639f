/** JSON text of what JSON.parse made, however deep: JSON.stringify gives up where parsing did not. */
export function jsonTextOf(value: unknown): string {
	try {
		return JSON.stringify(value) ?? "null";
	} catch (error) {
		if (error instanceof RangeError) return writeDeep(value);
		throw error;
	}
}

/** A value to be written, or text that is ready. */
type Step = { value: unknown } | string;

function writeDeep(root: unknown): string {
	const parts: string[] = [];
	const steps: Step[] = [{ value: root }];
	for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
		if (typeof step === "string") parts.push(step);
		else if (typeof step.value !== "object" || step.value === null) parts.push(JSON.stringify(step.value) ?? "null");
		else for (const each of stepsOf(step.value).reverse()) steps.push(each);
	}
	return parts.join("");
}

function stepsOf(value: object): Step[] {
	if (Array.isArray(value))
		return ["[", ...value.flatMap((member, index) => [index > 0 ? "," : "", { value: member }]), "]"];
	const members = Object.entries(value).flatMap(([name, member], index): Step[] => [
		`${index > 0 ? "," : ""}${JSON.stringify(name)}:`,
		{ value: member },
	]);
	return ["{", ...members, "}"];
}
