import type { Clock } from "../clock.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Changes } from "./changes.ts";
import type { Commits } from "./commits.ts";
import type { Settings } from "./settings.ts";
import type { Store } from "./store.ts";
import type { Streams } from "./streams.ts";
import type { Sweeper } from "./sweeper.ts";

/** What the operations of one database share. */
export interface Context {
	/** As dynalite has it: what is written here leaves no record. */
	store: Store;
	/** The same with its writes recorded. */
	captured: Store;
	commits: Commits;
	changes: Changes;
	changeLog: ChangeLog;
	streams: Streams;
	settings: Settings;
	sweeper: Sweeper;
	clock: Clock;
}
