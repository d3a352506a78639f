import type {
	AnyConsumerDefinition,
	ConsumerDefinitions,
	JsonSchema,
} from "../../framework/contract/consumer-definition.ts";
import core from "../../schemas/core/pipeline.json" with { type: "json" };

/** One schema for editors: what every pipeline has, `with` by kind, overlays per environment. */
export function generatePipelineSchema(kinds: ConsumerDefinitions): string {
	const { consumer, fanOut, billing, redrive, ...others } = core.$defs;
	const sorted = Object.values(kinds).sort((one, other) => (one.kind < other.kind ? -1 : 1));
	const schema = {
		...core,
		properties: {
			...core.properties,
			environments: {
				type: "object",
				description: "What differs by environment: `local` and each Pulumi.<environment>.yaml.",
				additionalProperties: { $ref: "#/$defs/overlay" },
			},
		},
		$defs: {
			...others,
			fanOut: orBareWord(fanOut, ["kinesis", "direct"]),
			billing: orBareWord(billing, ["on-demand"]),
			redrive: orBareWord(redrive, ["manual", "auto"]),
			consumer: withKinds(consumer, sorted),
			...Object.fromEntries(sorted.map((kind) => [settingsName(kind), embed(kind)])),
			overlay: overlaySchema(),
		},
	};
	return `${JSON.stringify(schema, null, 2)}\n`;
}

const settingsName = ({ kind }: AnyConsumerDefinition): string => `with-${kind}`;

/** A shorthand beside the object; `mode` has a default, so that editors must not ask for it. */
function orBareWord({ description, oneOf }: { description: string; oneOf: object[] }, words: string[]): object {
	return { description, anyOf: [{ enum: words }, ...oneOf] };
}

function withKinds(consumer: typeof core.$defs.consumer, kinds: readonly AnyConsumerDefinition[]): object {
	const kind = {
		description: kinds.map(({ kind, summary }) => `${kind}: ${summary}`).join("\n"),
		enum: kinds.map(({ kind }) => kind),
	};
	return {
		...consumer,
		properties: { ...consumer.properties, kind },
		allOf: kinds.map((definition) => ({
			if: { required: ["kind"], properties: { kind: { const: definition.kind } } },
			// biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's keyword.
			then: {
				...(isRequired(definition.schema) ? { required: ["with"] } : {}),
				properties: { with: { $ref: `#/$defs/${settingsName(definition)}` } },
			},
		})),
	};
}

function isRequired({ required }: JsonSchema): boolean {
	return Array.isArray(required) && required.length > 0;
}

/** A schema of its own, so that its inner references stay its own. */
function embed({ kind, schema }: AnyConsumerDefinition): object {
	const { $schema: _, ...rest } = schema;
	return { ...rest, $id: `tributary:with-${kind}` };
}

/** Nothing is required in an overlay, and its inside is checked once it is merged. */
function overlaySchema(): object {
	const { name: _, itemSchema: __, consumers: ___, ...settings } = core.properties;
	const loose = Object.fromEntries(Object.keys(settings).map((key) => [key, {}]));
	return {
		type: "object",
		additionalProperties: false,
		description: "Objects merge key by key; scalars and lists replace.",
		properties: {
			...loose,
			consumers: {
				type: "object",
				description: "What differs, by consumer name.",
				additionalProperties: { type: "object" },
			},
		},
	};
}
