/** What an operator runs by hand, for mutants of it. */
export { parseRecord } from "../../lake/record.ts";
export { redriveAll } from "../../operations/dead-letters/redrive-all.ts";
export { withLease } from "../../operations/lease.ts";
export { consumersOf } from "../../operations/place.ts";
export { dispatch } from "../../operations/replay/dispatch.ts";
export { consumerTarget } from "../../operations/replay/target.ts";
