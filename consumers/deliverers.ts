import type { AnyDeliverer } from "../framework/contract/deliver.ts";
import type { definitions } from "./definitions.ts";
import { deliverer as http } from "./http/deliver.ts";
import { deliverer as lambda } from "./lambda/deliver.ts";
import { deliverer as s3 } from "./s3/deliver.ts";

/** The kinds as the runtime sees them; a line a kind. */
export const deliverers = { http, lambda, s3 } satisfies Record<keyof typeof definitions, AnyDeliverer>;
