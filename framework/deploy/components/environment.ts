import type { Workgroup } from "@pulumi/aws/athena/workgroup.js";
import type { Resource } from "@pulumi/pulumi";
import type { PlannedResource } from "../../plan/types.ts";
import { Component, type Deployment } from "../component.ts";
import { makeWorkGroup } from "../resources/athena.ts";
import { makeBucket, type PrivateBucket } from "../resources/bucket.ts";
import { makeTable } from "../resources/table.ts";

/** What the pipelines of an environment share: its buckets, the state table and the workgroup of queries. */
export class Environment extends Component {
	/** By physical name. */
	readonly buckets = new Map<string, PrivateBucket>();
	/** By physical name. */
	readonly workGroups = new Map<string, Workgroup>();
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
		} else if (resource.type === "AWS::Athena::WorkGroup")
			this.workGroups.set(name, makeWorkGroup(this, resource, resource.properties));
		else if (resource.type === "AWS::DynamoDB::Table" && !resource.properties.existing)
			this.ready.push(makeTable(this, id, name, resource.properties));
		else throw new Error(`an environment has no ${resource.type}`);
	}
}
