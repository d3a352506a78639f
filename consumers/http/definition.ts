import type { ConsumerDefinition, PlanContext } from "../../framework/contract/consumer-definition.ts";
import { checkHeaders, checkUrl } from "./check.ts";
import schema from "./schema.json" with { type: "json" };
import type { HttpSettings } from "./settings.ts";

export const definition: ConsumerDefinition<HttpSettings> = {
	kind: "http",
	summary: "Sends records to an HTTP endpoint as signed webhooks.",
	description: `A record travels as a CloudEvent 1.0 (structured mode) and, with \`signingSecret\`, signed to the Standard Webhooks
specification. \`webhook-id\` is the same on every repeat of a record: receivers ignore what they know.

| answer | what follows |
| --- | --- |
| 2xx | delivered |
| 408, 425, 429, 5xx, no answer | retried; \`Retry-After\` is honoured |
| any other 4xx, 3xx | rejected: parked as a dead letter. Redirects are never followed |

When a request of several records is rejected, each is sent once more alone, in order, so that only the bad one is parked.`,
	examples: [
		{
			title: "A signed webhook",
			yaml: `name: crm
kind: http
with:
  url: https://crm.example.com/events
  signingSecret: secretsmanager:crm-webhook`,
		},
		{
			title: "Batches with a bearer token",
			yaml: `name: search-index
kind: http
with:
  url: https://search.example.com/bulk
  content: item
  secretHeaders: { authorization: "ssm:/search/bearer" }
  batch: { maxRecords: 50 }
  timeoutSeconds: 30`,
		},
	],
	schema,
	needs: (settings) => (settings.content === "item" ? ["new"] : []),
	check: (settings, context) => [...checkUrl(settings.url, context.local), ...checkHeaders(settings)],
	contribute(settings, context) {
		const url = placedUrl(settings.url, context);
		const secrets = new Set(Object.values(settings.secretHeaders));
		if (settings.signingSecret !== undefined) secrets.add(settings.signingSecret);
		return {
			settings: { ...settings, url },
			// A query may hold what is not for everyone's eyes.
			target: `${settings.method} ${url.replace(/\?.*$/, "")}`,
			resources: [],
			secrets: [...secrets].sort(),
			// Requests leave AWS: nothing but the secrets is asked of IAM.
			statements: [],
		};
	},
};

/** Locally nothing outside is called: requests go to the built-in receiver unless the local environment itself names a target. */
function placedUrl(url: string, context: PlanContext): string {
	if (!context.local || context.setByEnvironment("url")) return url;
	// The token is bound when the pipeline runs.
	return `\${receiver}/${context.pipeline}/${context.consumer}`;
}
