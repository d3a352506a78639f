/** ARNs as a plan writes them, with the tokens `${partition}`, `${region}` and `${accountId}`. */

/** Of a thing in the account and region of the deployment. */
export const arnOf = (service: string, resource: string): string =>
	`arn:\${partition}:${service}:\${region}:\${accountId}:${resource}`;

export const bucketArn = (bucket: string): string => `arn:\${partition}:s3:::${bucket}`;

/** Of all objects below a prefix, which ends in a slash. */
export const objectsArn = (bucket: string, prefix: string): string => `${bucketArn(bucket)}/${literal(prefix)}*`;

/**
 * A bucket of the environment's has a name that can be guessed: should it be gone one day, and the name be somebody else's, no record
 * goes there (S3 user guide, "Verifying bucket ownership with bucket owner condition").
 */
export const OWN_BUCKET = { StringEquals: { "s3:ResourceAccount": ["${accountId}"] } };

/**
 * Text of a user inside an ARN: what IAM would take for a wildcard or a variable stands for itself
 * (IAM user guide, "Policy variables and tags": `${*}`, `${?}`, `${$}`).
 */
export const literal = (text: string): string => text.replace(/[*?$]/g, (character) => `\${${character}}`);
