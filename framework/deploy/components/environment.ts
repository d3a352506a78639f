import type { Resource } from "@pulumi/pulumi";
import type { PlannedResource } from "../../plan/types.ts";
import { Component, type Deployment } from "../component.ts";
import { makeBucket, type PrivateBucket } from "../resources/bucket.ts";
import { makeTable } from "../resources/table.ts";

/** What the pipelines of an environment share: its buckets and the state table. */
export class Environment extends Component {
	/** By physical name. */
	readonly buckets = new Map<string, PrivateBucket>();
	/** What must be there before a function runs. */
	readonly ready: Resource[] = [];

	constructor(deployment: Deployment) {
		super("tributary:index:Environment", { deployment, label: "environment", pipeline: null, tags: {} });
		for (const resource of deployment.plan.resources) this.add(resource);
		this.registerOutputs({ buckets: [...this.buckets.keys()] });
	}

	private add(resource: PlannedResource): void {
		const { id, name } = resource;
		if (resource.type === "AWS::S3::Bucket") {
			const made = makeBucket(this, id, name, resource.properties);
			this.buckets.set(name, made);
			this.ready.push(made.guard);
		} else if (resource.type === "AWS::DynamoDB::Table" && !resource.properties.existing)
			this.ready.push(makeTable(this, id, name, resource.properties));
		else throw new Error(`an environment has no ${resource.type}`);
	}
}
