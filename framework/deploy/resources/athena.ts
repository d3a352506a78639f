import type { Workgroup } from "@pulumi/aws/athena/workgroup.js";
import type { CatalogDatabase } from "@pulumi/aws/glue/catalogDatabase.js";
import type { LakeTableProperties, LinesProperties, ViewProperties } from "../../plan/types.ts";
import type { Component } from "../component.ts";
import { toHiveType } from "./hive-type.ts";

interface Named {
	id: string;
	name: string;
	why: string;
}

/** How queries run; nobody's client can ask for something else. */
export function makeWorkGroup(
	owner: Component,
	{ id, name, why }: Named,
	{ results, scanLimitBytes }: { results: string; scanLimitBytes: number },
): Workgroup {
	return owner.make({
		type: "aws:athena/workgroup:Workgroup",
		id,
		name: `--${id}`,
		args: {
			name,
			description: why,
			configuration: {
				enforceWorkgroupConfiguration: true,
				bytesScannedCutoffPerQuery: scanLimitBytes,
				engineVersion: { selectedEngineVersion: "Athena engine version 3" },
				resultConfiguration: {
					outputLocation: results,
					expectedBucketOwner: owner.settings.accountId,
					encryptionConfiguration: { encryptionOption: "SSE_S3" },
				},
			},
			// What it holds beside the plan's is the history of queries.
			forceDestroy: true,
			tags: owner.tags(),
		},
	});
}

export function makeDatabase(owner: Component, { id, name, why }: Named): CatalogDatabase {
	return owner.make({
		type: "aws:glue/catalogDatabase:CatalogDatabase",
		id,
		name: `--${id}`,
		args: { name, description: why, tags: owner.tags() },
	});
}

export function makeLakeTable(
	owner: Component,
	{ id, name, why }: Named,
	database: CatalogDatabase,
	{ lines, view, database: schema }: LakeTableProperties,
): void {
	owner.make({
		type: "aws:glue/catalogTable:CatalogTable",
		id,
		name: `--${id}`,
		args: {
			name,
			databaseName: database.name,
			description: why,
			...(lines && describeLines(lines)),
			...(view && describeView(schema, view)),
		},
	});
}

/** The whole line is one column: its separator is a control character, which JSON never holds unescaped. */
function describeLines({ location, projection }: LinesProperties) {
	return {
		tableType: "EXTERNAL_TABLE",
		parameters: { EXTERNAL: "TRUE", classification: "json", ...projection },
		partitionKeys: [
			{ name: "dt", type: "string" },
			{ name: "hour", type: "string" },
		],
		storageDescriptor: {
			location,
			columns: [{ name: "line", type: "string" }],
			inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
			outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
			serDeInfo: {
				serializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
				parameters: { "serialization.format": "1", "field.delim": "\u0001" },
			},
		},
	};
}

/** As Athena's own CREATE VIEW leaves it in Glue: the query and Trino's types as JSON, in base64, in a comment. */
function describeView(schema: string, { columns, sql }: ViewProperties) {
	const definition = { originalSql: sql, catalog: "awsdatacatalog", schema, columns };
	return {
		tableType: "VIRTUAL_VIEW",
		parameters: { presto_view: "true", comment: "Presto View" },
		viewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString("base64")} */`,
		viewExpandedText: "/* Presto View */",
		storageDescriptor: {
			columns: columns.map(({ name, type }) => ({ name, type: toHiveType(type) })),
			serDeInfo: { name: "-", serializationLibrary: "-" },
		},
	};
}

export function makeNamedQuery(
	owner: Component,
	{ id, name, why }: Named,
	database: CatalogDatabase,
	workGroup: Workgroup,
	query: string,
): void {
	owner.make({
		type: "aws:athena/namedQuery:NamedQuery",
		id,
		name: `--${id}`,
		args: { name, description: why, database: database.name, workgroup: workGroup.id, query },
	});
}
