import type { InvokeResult } from "./invoke-function.ts";

/** Machine output; texts that were written only when asked for. */
export function renderInvokeJson(result: InvokeResult, bodies: boolean): string {
	const { response, deliveries, puts, objects, deadLetters } = result;
	const json = {
		response,
		deliveries: deliveries.map(({ consumer, eventID, outcome, reason, payload }) => ({
			consumer,
			eventID,
			outcome,
			reason,
			...(bodies ? { payload } : {}),
		})),
		puts: puts.map(({ data, ...put }) => (bodies ? { ...put, data } : put)),
		objects: objects.map(({ body, ...object }) => (bodies ? { ...object, body } : object)),
		deadLetters,
	};
	return `${JSON.stringify(json, null, 2)}\n`;
}

/** For people: what happened, a line each, and what Lambda would do next. */
export function renderInvokeHuman(result: InvokeResult, bodies: boolean): string {
	const body = (text: string | null): string[] =>
		bodies && text !== null
			? text
					.trimEnd()
					.split("\n")
					.map((line) => `      ${line}`)
			: [];
	const lines = [
		...result.deliveries.flatMap(({ consumer, eventID, outcome, reason, payload }) => [
			`  ${outcome.padEnd(12)} ${consumer}  ${eventID}${reason === null ? "" : `  ${reason}`}`,
			...body(payload),
		]),
		...result.puts.flatMap(({ call, stream, eventID, accepted, data }) => [
			`  ${(accepted ? "put" : "put refused").padEnd(12)} ${stream}  ${eventID ?? "?"}  (call ${call})`,
			...body(data),
		]),
		...result.objects.flatMap((object) => [
			`  ${"object".padEnd(12)} s3://${object.bucket}/${object.key}  (${object.records} of ${object.consumer})`,
			...body(object.body),
		]),
		...result.deadLetters.map(
			({ consumer, eventID, reason, attempts }) =>
				`  ${"dead letter".padEnd(12)} ${consumer}  ${eventID}  after ${attempts} attempts: ${reason}`,
		),
	];
	return [...lines, describeResponse(result), ""].join("\n");
}

function describeResponse({ response: { batchItemFailures } }: InvokeResult): string {
	const [failure] = batchItemFailures;
	if (!failure) return "Everything is done; Lambda would go on after this batch.";
	if (failure.itemIdentifier === "") return "The whole batch would come again.";
	return `The batch would come again from sequence number ${failure.itemIdentifier} on.`;
}
