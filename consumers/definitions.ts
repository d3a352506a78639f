import type { ConsumerDefinitions } from "../framework/contract/consumer-definition.ts";
import { definition as http } from "./http/definition.ts";
import { definition as lambda } from "./lambda/definition.ts";
import { definition as s3 } from "./s3/definition.ts";

/** The kinds as the compiler sees them; a line a kind. */
export const definitions = { http, lambda, s3 } satisfies ConsumerDefinitions;
