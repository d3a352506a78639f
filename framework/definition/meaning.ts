import type { PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { checkAskedAttributes } from "./checks/asked-attributes.ts";
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
import { checkItemKeys, checkItemTtl } from "./checks/item-keys.ts";
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
	checkItemKeys,
	checkItemTtl,
	checkAskedAttributes,
	hintAtExpiredItems,
];

/** What a schema cannot say, all of it. */
export function checkMeaning(subject: Subject): PathDiagnostic[] {
	return CHECKS.flatMap((check) => check(subject));
}
