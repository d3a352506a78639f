/** What a simulated container runs: the same handler, stores and kinds as a bundle's generated entry, without its clock and its file system. */
import { deliverers } from "../../../consumers/deliverers.ts";
import type { Handler } from "../../contract/lambda.ts";
import type { Manifest } from "../../contract/manifest.ts";
import { createHandler } from "../../runtime/handler.ts";
import type { BaseDependencies, Dependencies } from "../../runtime/invocation.ts";
import * as readers from "../../runtime/secret-readers.ts";
import { createStores } from "../../runtime/stores.ts";

export { createJsonObserver } from "../../runtime/json-observer.ts";

export function openHandler(manifest: Manifest, base: BaseDependencies, fetch: Dependencies["fetch"]): Handler {
	return createHandler(manifest, { ...base, ...createStores(manifest, base, readers), deliverers, fetch });
}
