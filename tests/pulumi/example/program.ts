import { Config, RunError, runtime } from "@pulumi/pulumi";
import { example } from "./store.ts";

// How a program reports a mistake of its user: a message without a stack, before anything is registered.
const mistake = new Config().get("mistake");
if (mistake === "diagnostic") throw new RunError("error[TRB0000]: the greeting is rude\n  help: say hello");
if (mistake === "bug") throw new TypeError("this is a bug");
if (mistake === "transform") runtime.registerResourceTransform(() => undefined);

const outputs = await example();
export const { streamArn, mappingId, greeting, hidden } = outputs;
