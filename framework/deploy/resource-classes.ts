// Leaf files, not the package's index: the type checker then reads a few files instead of thousands.
import { NamedQuery } from "@pulumi/aws/athena/namedQuery.js";
import { Workgroup } from "@pulumi/aws/athena/workgroup.js";
import { Dashboard } from "@pulumi/aws/cloudwatch/dashboard.js";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { Table } from "@pulumi/aws/dynamodb/table.js";
import { CatalogDatabase } from "@pulumi/aws/glue/catalogDatabase.js";
import { CatalogTable } from "@pulumi/aws/glue/catalogTable.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { Stream } from "@pulumi/aws/kinesis/stream.js";
import { StreamConsumer } from "@pulumi/aws/kinesis/streamConsumer.js";
import { EventSourceMapping } from "@pulumi/aws/lambda/eventSourceMapping.js";
import { Function as LambdaFunction } from "@pulumi/aws/lambda/function.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import { Schedule } from "@pulumi/aws/scheduler/schedule.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";

/** Everything that a deployment makes on AWS. */
const RESOURCE_CLASSES = {
	"aws:athena/namedQuery:NamedQuery": NamedQuery,
	"aws:athena/workgroup:Workgroup": Workgroup,
	"aws:cloudwatch/dashboard:Dashboard": Dashboard,
	"aws:cloudwatch/logGroup:LogGroup": LogGroup,
	"aws:cloudwatch/metricAlarm:MetricAlarm": MetricAlarm,
	"aws:dynamodb/table:Table": Table,
	"aws:glue/catalogDatabase:CatalogDatabase": CatalogDatabase,
	"aws:glue/catalogTable:CatalogTable": CatalogTable,
	"aws:iam/role:Role": Role,
	"aws:iam/rolePolicy:RolePolicy": RolePolicy,
	"aws:kinesis/stream:Stream": Stream,
	"aws:kinesis/streamConsumer:StreamConsumer": StreamConsumer,
	"aws:lambda/eventSourceMapping:EventSourceMapping": EventSourceMapping,
	"aws:lambda/function:Function": LambdaFunction,
	"aws:s3/bucket:Bucket": Bucket,
	"aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": BucketLifecycleConfiguration,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls": BucketOwnershipControls,
	"aws:s3/bucketPolicy:BucketPolicy": BucketPolicy,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": BucketPublicAccessBlock,
	"aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
		BucketServerSideEncryptionConfiguration,
	"aws:s3/bucketVersioning:BucketVersioning": BucketVersioning,
	"aws:scheduler/schedule:Schedule": Schedule,
} as const;

type Classes = typeof RESOURCE_CLASSES;

/** The provider's type token: `aws:dynamodb/table:Table`. */
export type ResourceType = keyof Classes;

export type ResourceOf<Type extends ResourceType> = InstanceType<Classes[Type]>;

/** The provider's own arguments of a type. */
export type ResourceArguments<Type extends ResourceType> = NonNullable<ConstructorParameters<Classes[Type]>[1]>;

/** How each is made: its class, with the type of the arguments tied to the token. */
export const CONSTRUCTORS: {
	readonly [Type in ResourceType]: new (
		name: string,
		args: ResourceArguments<Type>,
		options: CustomResourceOptions,
	) => ResourceOf<Type>;
} = RESOURCE_CLASSES;
