/** A request to one of the embedded services, its body read whole: a client that drops its socket never reaches a service. */
export interface LocalRequest {
	method: string;
	/** Path as sent, still percent-encoded, without the query. */
	path: string;
	query: URLSearchParams;
	/** Names in lower case. */
	headers: Readonly<Record<string, string>>;
	body: Buffer;
}

export interface LocalResponse {
	status: number;
	headers: Record<string, string>;
	body: Buffer | string;
}

/** An embedded service behind the one port. What it throws becomes a 500 in the service's own error shape, never a crash. */
export type LocalService = (request: LocalRequest) => Promise<LocalResponse>;
