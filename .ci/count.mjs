// Adds up the test report and the other steps. A report without a passed test is a failure: a suite that ran nothing proves nothing.
import { readFileSync } from "node:fs";

const [, , report, failedSteps] = process.argv;
let passed = 0;
let failed = Number(failedSteps);
try {
	const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
	passed = numPassedTests;
	failed += numFailedTests;
} catch {
	failed += 1;
}
if (passed === 0) failed += 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
