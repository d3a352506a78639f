import { nothing } from "./no-such-file.ts";

export const hooks = { "aws:dynamodb/table:Table": nothing };
