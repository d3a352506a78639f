import { deliveryName, type KeyState, type StateStore, stateName } from "./state.ts";

/** State that lives as long as its process: for tools and tests. */
export function createMemoryState(rows = new Map<string, KeyState>()): StateStore {
	const deliveries = new Set<string>();
	const change = (name: string, update: (row: KeyState) => KeyState): void => {
		rows.set(name, update(rows.get(name) ?? {}));
	};
	return {
		read: async (keys) =>
			new Map(
				Array.from(keys).flatMap((key) => {
					const row = rows.get(stateName(key));
					return row ? [[stateName(key), row]] : [];
				}),
			),
		quarantine: async (key, quarantine) => change(stateName(key), (row) => ({ quarantine, ...row })),
		async parking(key, sequence) {
			const row = rows.get(stateName(key));
			if (!row?.quarantine) return false;
			if (sequence > (row.parkedThrough ?? "")) rows.set(stateName(key), { ...row, parkedThrough: sequence });
			return true;
		},
		async lift(key, before) {
			const { quarantine, parkedThrough, ...row } = rows.get(stateName(key)) ?? {};
			if (quarantine?.eventID !== before.quarantine?.eventID || parkedThrough !== before.parkedThrough) return false;
			rows.set(stateName(key), row);
			return true;
		},
		progress: async (key, { failure, deliveredThrough, before, quarantined }) =>
			change(stateName(key), (row) => {
				if (row.quarantine && !quarantined) return row;
				if (deliveredThrough && row.deliveredThrough && deliveredThrough < row.deliveredThrough) return row;
				if (failure && row.failure && JSON.stringify(row.failure) !== JSON.stringify(before.failure)) return row;
				return { ...row, ...(failure ? { failure } : {}), ...(deliveredThrough ? { deliveredThrough } : {}) };
			}),
		delivered: async (keys) => new Set(keys.filter((key) => deliveries.has(deliveryName(key)))),
		async rememberDelivered(keys) {
			for (const key of keys) deliveries.add(deliveryName(key));
		},
	};
}
