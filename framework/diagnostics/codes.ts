import type { Severity } from "./diagnostic.ts";

/**
 * Every code once: a stable name that never changes its meaning, its severity and its fixed summary.
 * A code is added here by whoever first reports it; a test looks for an example of each under tests/golden.
 */
export const DIAGNOSTIC_CODES = {
	"file-unreadable": { severity: "error", summary: "File cannot be read" },
	"file-not-utf8": { severity: "error", summary: "File is not UTF-8" },
	"file-empty": { severity: "error", summary: "File is empty" },
	"yaml-syntax": { severity: "error", summary: "Not valid YAML" },
	"yaml-duplicate-key": { severity: "error", summary: "Key given twice" },
	"yaml-too-many-aliases": { severity: "error", summary: "Too many aliases" },
} as const satisfies Record<string, { severity: Severity; summary: string }>;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
