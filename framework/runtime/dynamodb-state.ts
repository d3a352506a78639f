import { safeEventID } from "./arrival.ts";
import { keyOf, openTable, type Row, type TableOptions } from "./dynamodb-table.ts";
import { type DeliveryKey, type KeyState, type StateStore, stateName } from "./state.ts";
import {
	LASTING,
	liftUpdate,
	markedFor,
	parkingUpdate,
	progressUpdate,
	quarantineUpdate,
	unmarked,
} from "./state-updates.ts";

/** The row that says whether a scope has any other rows. No state name is without a slash. */
export const MARKER = "marker";

/** Rows of a scope that are read in one query, at least; beyond, and beyond four a key of the batch, its keys are looked up. */
const ROWS_A_QUERY = 100;

interface Options extends TableOptions {
	scope: string;
	now(): number;
}

/**
 * State in the environment's table. One consistent read of the marker an invocation; rows are read only while it is set.
 * The marker is written before any row, so that a row is never there unseen; and again before each dead letter, with another
 * generation, so that whoever takes it away behind the last quarantine sees that one has come meanwhile.
 */
export function createDynamodbState(options: Options): StateStore {
	const { scope, now } = options;
	const table = openTable(options);
	const rowOf = (name: string): Row => keyOf(scope, name);
	/** For a lifetime, or for as long as there are quarantines. */
	const mark = (lifetimeSeconds: number | undefined): Promise<boolean> =>
		table.update(rowOf(MARKER), lifetimeSeconds === undefined ? LASTING : markedFor(inSeconds(lifetimeSeconds)));
	const inSeconds = (lifetimeSeconds: number): number => Math.ceil(now() / 1000) + lifetimeSeconds;
	const clearMarker = async (): Promise<void> => {
		const { lasting, generation } = (await table.get(rowOf(MARKER))) ?? {};
		const rows = lasting && (await table.query(scope, ROWS_A_QUERY));
		if (!generation || !rows || rows.some(({ quarantine }) => quarantine)) return;
		await table.update(rowOf(MARKER), unmarked(generation));
	};
	return {
		async read(keys) {
			const marker = await table.get(rowOf(MARKER));
			if (!marker || !isSet(marker, now())) return new Map();
			const names = [...new Set(Array.from(keys, stateName))];
			// Trouble is of few items: all rows of a scope cost less than a look at each key of the batch, which costs whether it finds one or not.
			const most = Math.max(ROWS_A_QUERY, 4 * names.length);
			const rows = (await table.query(scope, most)) ?? (await table.getAll(names.map(rowOf)));
			return new Map(rows.map((row) => [row.row?.S ?? "", stateOf(row)]));
		},
		async quarantine(key, quarantine, lifetimeSeconds) {
			const expiresAt = lifetimeSeconds === undefined ? null : inSeconds(lifetimeSeconds);
			await mark(lifetimeSeconds);
			await table.update(rowOf(stateName(key)), quarantineUpdate(quarantine, expiresAt));
		},
		async parking(key, sequence, lifetimeSeconds) {
			const row = rowOf(stateName(key));
			const noted = await table.update(row, parkingUpdate(sequence));
			if (!noted && (await table.get(row))?.quarantine === undefined) return false;
			await mark(lifetimeSeconds);
			return true;
		},
		async lift(key, before, lifetimeSeconds) {
			const end = inSeconds(lifetimeSeconds);
			await table.update(rowOf(MARKER), markedFor(end));
			if (!(await table.update(rowOf(stateName(key)), liftUpdate(before, end)))) return false;
			await clearMarker();
			return true;
		},
		async progress(key, progress, lifetimeSeconds) {
			await mark(progress.quarantined ? undefined : lifetimeSeconds);
			await table.update(rowOf(stateName(key)), progressUpdate(progress, inSeconds(lifetimeSeconds), now()));
		},
		async delivered(keys) {
			const rows = await table.getAll(distinctRows(keys, scope));
			const known = new Set(rows.filter((row) => !isExpired(row, now())).map(textOf));
			return new Set(keys.filter((key) => known.has(textOf(deliveryRow(key, scope)))));
		},
		rememberDelivered(keys, lifetimeSeconds) {
			const expiresAt = { N: String(inSeconds(lifetimeSeconds)) };
			return table.putAll(distinctRows(keys, scope).map((row) => ({ ...row, expiresAt })));
		},
	};
}

/** Deliveries lie by item, apart from the rows of trouble: they are many, and one partition takes 1,000 writes a second. */
function deliveryRow(key: DeliveryKey, scope: string): Row {
	return keyOf(`${scope}/${stateName(key)}`, safeEventID(key.eventID));
}

/** A batch call refuses a key that is named twice. */
function distinctRows(keys: readonly DeliveryKey[], scope: string): Row[] {
	return [...new Map(keys.map((key) => deliveryRow(key, scope)).map((row) => [textOf(row), row])).values()];
}

const textOf = ({ scope, row }: Row): string => `${scope?.S} ${row?.S}`;

/** DynamoDB's TTL deletes within days, not at the second. */
function isExpired({ expiresAt }: Row, now: number): boolean {
	return expiresAt?.N !== undefined && Number(expiresAt.N) * 1000 <= now;
}

/** Whether there may be rows. The marker itself never expires: DynamoDB would delete it with what stands for a quarantine. */
function isSet({ lasting, setUntil }: Row, now: number): boolean {
	return lasting !== undefined || Number(setUntil?.N ?? 0) * 1000 > now;
}

function stateOf(row: Row): KeyState {
	return {
		...(row.failure?.S ? { failure: JSON.parse(row.failure.S) } : {}),
		...(row.quarantine?.S ? { quarantine: JSON.parse(row.quarantine.S) } : {}),
		...(row.parkedThrough?.S ? { parkedThrough: row.parkedThrough.S } : {}),
		...(row.deliveredThrough?.S ? { deliveredThrough: row.deliveredThrough.S } : {}),
	};
}
