import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface LockedPackage {
	version?: string;
	resolved?: string;
	optionalDependencies?: Record<string, string>;
}

const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
	packages: Record<string, LockedPackage>;
};

/** Optional dependencies that nothing in the lock provides. `npm ci` refuses such a lock on the platform that misses one. */
function missingOptional(packages: Record<string, LockedPackage>): string[] {
	return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
		Object.keys(optionalDependencies)
			.filter((name) => !candidates(path, name).some((candidate) => candidate in packages))
			.map((name) => `${path || "the project"} wants ${name}`),
	);
}

/** Where Node would look for a dependency of the package at `path`, nearest first. */
function candidates(path: string, name: string): string[] {
	const folders = [...path.matchAll(/node_modules\//g)].map((match) => path.slice(0, match.index));
	return [`${path}${path && "/"}`, ...folders].map((folder) => `${folder}node_modules/${name}`);
}

test("every optional platform package of a locked dependency is in the lock", () => {
	expect(missingOptional(lock.packages)).toEqual([]);
	const { "node_modules/@esbuild/darwin-arm64": _gone, ...broken } = lock.packages;
	expect(missingOptional(broken)).toEqual(["node_modules/esbuild wants @esbuild/darwin-arm64"]);
});

test("the lock names no download address", () => {
	expect(Object.values(lock.packages).filter(({ resolved }) => resolved?.startsWith("http"))).toEqual([]);
});
