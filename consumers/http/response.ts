import type { Outcome } from "../../framework/contract/deliver.ts";

/** What an answer's status means for the records of the request. Neither body nor reason phrase is repeated: both are a stranger's. */
export function outcomeOf(response: Response, now: number): Outcome {
	const { status } = response;
	if (status >= 200 && status < 300) return { status: "delivered" };
	const reason = `the receiver answered ${status}`;
	if (status === 408 || status === 425 || status === 429 || status >= 500) {
		const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), now);
		return retryAfterMs === undefined ? { status: "retry", reason } : { status: "retry", reason, retryAfterMs };
	}
	const redirect = status >= 300 && status < 400;
	return { status: "reject", reason: redirect ? `${reason}; redirects are not followed` : reason };
}

/** RFC 9110, 10.2.3: whole seconds or an HTTP date. Milliseconds from now; undefined when it says neither. */
function readRetryAfter(header: string | null, now: number): number | undefined {
	if (header === null) return undefined;
	if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
	const date = Date.parse(header);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
