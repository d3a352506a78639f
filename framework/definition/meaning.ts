import type { PathDiagnostic } from "../diagnostics/diagnostic.ts";
import type { Check, Subject } from "./checks/check.ts";
import {
	checkBudgets,
	checkCapacity,
	checkConsumerNames,
	checkConsumersExist,
	checkEnhancedFanOut,
	checkKinds,
	checkStarts,
} from "./checks/consumers.ts";
import { checkAdopted, checkReaders } from "./checks/readers.ts";
import { checkKeysDiffer, checkTtlIsNoKey, checkViewType, hintAtExpiredItems } from "./checks/table.ts";

const CHECKS: readonly Check[] = [
	checkKeysDiffer,
	checkTtlIsNoKey,
	checkViewType,
	checkAdopted,
	checkReaders,
	checkConsumersExist,
	checkConsumerNames,
	checkBudgets,
	checkStarts,
	checkEnhancedFanOut,
	checkCapacity,
	checkKinds,
	hintAtExpiredItems,
];

/** What a schema cannot say, all of it. */
export function checkMeaning(subject: Subject): PathDiagnostic[] {
	return CHECKS.flatMap((check) => check(subject));
}
