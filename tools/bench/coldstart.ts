/**
 * What a function's code costs before its first event, beside the SDK clients that it cannot do without: size, and time to import.
 *
 *     npm run bench:coldstart [-- --rounds N | --slow | --smoke]
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { LakeCompression, Manifest } from "../../framework/contract/manifest.ts";
import { manifestOf } from "../../framework/testing/run-handler.ts";
import { type BuiltBundle, buildAll, clientsAlone } from "./bundles.ts";
import { type Bar, judge, print } from "./judge.ts";
import { benchOptions } from "./options.ts";
import { least } from "./rounds.ts";

const SIZE = 1.1;
const IMPORT = 1.2;

const { rounds, times, smoke } = benchOptions(
	"bench:coldstart",
	"Sizes of the bundles and the time to import them, beside the SDK clients alone that each needs",
	15,
	2,
);
const run = promisify(execFile);

interface Compared {
	bundle: BuiltBundle;
	alone: Uint8Array;
	/** Files whose import is timed. */
	files: { ours: string; theirs: string };
	imports: { ours: number[]; theirs: number[] };
}

/** Planted slowness: the bundle grows by what it holds already, and does it all again at its start. */
function slowed(code: Uint8Array): string {
	const text = Buffer.from(code).toString();
	const more = `const t=performance.now();while(performance.now()-t<${(times - 1) * 60});`;
	return times === 1 ? text : `${text}\n${more}\n/*${"x".repeat(text.length)}*/`;
}

async function prepare(bundle: BuiltBundle, folder: string): Promise<Compared> {
	const alone = await clientsAlone(bundle);
	const place = join(folder, bundle.name);
	await mkdir(place, { recursive: true });
	const files = { ours: join(place, "index.mjs"), theirs: join(place, "clients.mjs") };
	const code = slowed(bundle.code);
	const lake = { bucket: "lake", compression: "gzip" as LakeCompression };
	const manifest: Manifest = manifestOf({ lake });
	await writeFile(files.ours, code);
	await writeFile(files.theirs, alone);
	await writeFile(join(place, "manifest.json"), JSON.stringify(manifest));
	return { bundle: { ...bundle, code: Buffer.from(code) }, alone, files, imports: { ours: [], theirs: [] } };
}

/** Milliseconds that a new process needs to import a file. */
async function importTime(file: string): Promise<number> {
	const script =
		"const s=performance.now();await import(process.argv[1]);process.stdout.write(String(performance.now()-s));process.exit()";
	const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script, file]);
	return Number(stdout);
}

const folder = await mkdtemp(join(tmpdir(), "coldstart-"));
const bundles = (await buildAll()).slice(0, smoke ? 1 : undefined);
const compared: Compared[] = [];
for (const bundle of bundles) compared.push(await prepare(bundle, folder));
for (let round = 0; round < rounds; round++)
	for (const { files, imports } of compared) {
		imports.ours.push(await importTime(files.ours));
		imports.theirs.push(await importTime(files.theirs));
	}
await rm(folder, { recursive: true });

print(`${rounds} rounds of new processes, node ${process.version}\n`);
print("bundle                                    bytes   gzip  SDK clients it needs");
for (const { bundle } of compared)
	print(
		`${bundle.name.padEnd(38)}  ${String(bundle.code.length).padStart(7)} ${String(gzipSync(bundle.code).length).padStart(6)}  ${bundle.clients.map((each) => each.replace("@aws-sdk/client-", "")).join(", ")}`,
	);
print("");
process.exitCode = judge(
	compared.flatMap(({ bundle, alone, imports }): Bar[] => [
		{ what: `${bundle.name}: size / clients`, value: bundle.code.length / alone.length, bound: SIZE, side: "at most" },
		{
			what: `${bundle.name}: import / clients`,
			value: least(imports.ours) / least(imports.theirs),
			bound: IMPORT,
			side: "at most",
		},
	]),
	smoke,
);
