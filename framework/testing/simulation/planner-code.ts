/** The compiler of plans, for mutants of it. */
export { compilePlan } from "../../plan/compile.ts";
