import { hasErrors } from "../diagnostics/diagnostic.ts";
import { renderHuman } from "../diagnostics/render-human.ts";
import type { Plan } from "../plan/types.ts";
import { readNamePrefix } from "../project/name-prefix.ts";
import { planProject } from "../project/plan.ts";
import { type Project, readProject } from "../project/read.ts";
import { findProjectRoot } from "../project/root.ts";
import type { Io } from "./command.ts";

/** The project, read for an environment; null if definitions have errors, which are printed then. */
export function loadProject(io: Io, env: string): Project | null {
	const project = readProject(io.cwd, [], env);
	if (!hasErrors(project.diagnostics)) return project;
	io.stderr(renderHuman(project.diagnostics, { sources: project.sources, colour: io.terminal }));
	return null;
}

/** The plan of an environment, of some pipelines or all, of a project read for it. */
export function planLoaded(project: Project, io: Io, env: string, names: readonly string[] = []): Promise<Plan> {
	const namePrefix = readNamePrefix(findProjectRoot(io.cwd), env);
	return planProject(project, { environment: env, names, ...(namePrefix !== undefined && { namePrefix }) });
}

/** Both at once; null if definitions have errors, which are printed then. */
export async function loadPlan(
	io: Io,
	{ env = "local", names = [] }: { env?: string; names?: readonly string[] },
): Promise<Plan | null> {
	const project = loadProject(io, env);
	return project && planLoaded(project, io, env, names);
}
