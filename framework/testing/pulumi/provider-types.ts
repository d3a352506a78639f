import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

/** What an input may be. */
export type InputType =
	| { kind: "string" | "number" | "boolean" | "asset" | "archive" | "any" }
	/** A resource passed whole: the engine sends its id where the provider wants a text. */
	| { kind: "resource"; type: string }
	| { kind: "list"; items: InputType }
	| { kind: "map"; values: InputType }
	/** `dynamodb.TableTtl`: see `nested`. */
	| { kind: "object"; name: string }
	| { kind: "enum"; name: string; values: string[]; deprecated: string[] }
	| { kind: "oneOf"; types: InputType[] };

export interface InputProperty {
	type: InputType;
	required: boolean;
	/** What to use instead, in the provider's words. */
	deprecated: string | null;
	/** The documentation says that a change makes a new resource. It says so of few; see `replacements.ts`. */
	documentedReplacement: boolean;
}

export type InputProperties = Readonly<Record<string, InputProperty>>;

/** The inputs of the installed AWS provider's resources, read from its type declarations. */
export interface ProviderTypes {
	/** Null if the provider has no such resource. `pulumi:providers:aws` is the provider's own configuration. */
	resource(token: string): InputProperties | null;
	nested(name: string): InputProperties;
}

const REPLACES = /forces? (a )?(new resource|replacement)|(forces|requires) (re-?creation|replacement)/i;

/** Reads on demand: a resource's own file, and of the provider's large files only what it names. */
export function readProviderTypes(): ProviderTypes {
	const folder = dirname(createRequire(import.meta.url).resolve("@pulumi/aws/package.json"));
	const read = (path: string) => readFileSync(join(folder, path), "utf8");
	const inputs = namespaces(read("types/input.d.ts"));
	const enums = new Map<string, InputType>();
	const remembered = <T>(make: (name: string) => T): ((name: string) => T) => {
		const known = new Map<string, T>();
		return (name) => {
			const found = known.has(name) ? (known.get(name) as T) : make(name);
			known.set(name, found);
			return found;
		};
	};
	const enumeration = (name: string): InputType => {
		const [module = "", type = ""] = name.split(".");
		const path = `types/enums/${module}/index.d.ts`;
		const found = enums.get(name) ?? (existsSync(join(folder, path)) ? enumOf(read(path), type) : { kind: "any" });
		enums.set(name, found);
		return found;
	};
	const properties = (source: string, type: string): InputProperties => {
		const declared = interfaceOf(source, type);
		if (!declared) throw new Error(`The AWS provider declares no ${type}.`);
		return Object.fromEntries(declared.members.flatMap((member) => propertyOf(member, enumeration)));
	};
	return {
		resource: remembered((token) => {
			const path = token === "pulumi:providers:aws" ? "provider" : (token.split(":")[1] ?? "");
			const type = token === "pulumi:providers:aws" ? "Provider" : (token.split(":")[2] ?? "");
			return existsSync(join(folder, `${path}.d.ts`)) ? properties(read(`${path}.d.ts`), `${type}Args`) : null;
		}),
		nested: remembered((name) => {
			const [module, type] = name.includes(".") ? name.split(".") : ["", name];
			return properties(inputs(module ?? ""), type ?? "");
		}),
	};
}

/** Cuts one namespace out of a file of several megabytes, so that only it is parsed. The empty name is what is in none. */
function namespaces(text: string): (name: string) => string {
	const start = (name: string) => text.indexOf(`\nexport declare namespace ${name} {\n`);
	const first = text.indexOf("\nexport declare namespace ");
	const known = new Map<string, string>();
	const cut = (name: string): string => {
		if (name === "") return text.slice(0, first);
		const from = start(name);
		if (from < 0) throw new Error(`The AWS provider declares no namespace ${name}.`);
		return text.slice(from, text.indexOf("\n}\n", from) + 2);
	};
	return (name) => {
		const found = known.get(name) ?? cut(name);
		known.set(name, found);
		return found;
	};
}

const parsed = new Map<string, ts.SourceFile>();

function parse(text: string): ts.SourceFile {
	const file = parsed.get(text) ?? ts.createSourceFile("x.d.ts", text, ts.ScriptTarget.Latest, true);
	parsed.set(text, file);
	return file;
}

function interfaceOf(text: string, name: string): ts.InterfaceDeclaration | undefined {
	const statements = parse(text).statements.flatMap((statement): ts.Statement[] =>
		ts.isModuleDeclaration(statement) && statement.body && ts.isModuleBlock(statement.body)
			? [...statement.body.statements]
			: [statement],
	);
	return statements.filter(ts.isInterfaceDeclaration).find((declared) => declared.name.text === name);
}

function propertyOf(member: ts.TypeElement, enumeration: (name: string) => InputType): [string, InputProperty][] {
	if (!ts.isPropertySignature(member) || !member.type || !ts.isIdentifier(member.name)) return [];
	const tag = ts.getJSDocDeprecatedTag(member);
	const words = (comment: ts.JSDoc["comment"]) => ts.getTextOfJSDocComment(comment) ?? "";
	const text = ts.getJSDocCommentsAndTags(member).map(({ comment }) => words(comment));
	return [
		[
			member.name.text,
			{
				type: typeOf(member.type, enumeration),
				required: member.questionToken === undefined,
				deprecated: tag ? words(tag.comment) : null,
				documentedReplacement: text.some((comment) => REPLACES.test(comment)),
			},
		],
	];
}

function typeOf(node: ts.TypeNode, enumeration: (name: string) => InputType): InputType {
	const nested = (inner: ts.TypeNode) => typeOf(inner, enumeration);
	if (node.kind === ts.SyntaxKind.StringKeyword) return { kind: "string" };
	if (node.kind === ts.SyntaxKind.NumberKeyword) return { kind: "number" };
	if (node.kind === ts.SyntaxKind.BooleanKeyword) return { kind: "boolean" };
	if (ts.isArrayTypeNode(node)) return { kind: "list", items: nested(node.elementType) };
	if (ts.isTypeLiteralNode(node)) return { kind: "map", values: valuesOf(node, nested) };
	if (ts.isUnionTypeNode(node)) {
		const types = node.types.filter((type) => type.kind !== ts.SyntaxKind.UndefinedKeyword).map(nested);
		return types.length === 1 && types[0] ? types[0] : { kind: "oneOf", types };
	}
	if (!ts.isTypeReferenceNode(node)) return { kind: "any" };
	const name = node.typeName.getText();
	const [argument] = node.typeArguments ?? [];
	if (name === "pulumi.Input" && argument) return nested(argument);
	return namedType(name, enumeration);
}

function namedType(name: string, enumeration: (name: string) => InputType): InputType {
	if (name === "pulumi.asset.Archive") return { kind: "archive" };
	if (name === "pulumi.asset.Asset") return { kind: "asset" };
	if (name === "ARN") return { kind: "string" };
	if (name.startsWith("inputs.")) return { kind: "object", name: name.slice("inputs.".length) };
	if (name.startsWith("enums.")) return enumeration(name.slice("enums.".length));
	// A document of a policy is an object that IAM reads, not the provider.
	return name.endsWith("PolicyDocument") ? { kind: "any" } : { kind: "resource", type: name };
}

function valuesOf(node: ts.TypeLiteralNode, nested: (inner: ts.TypeNode) => InputType): InputType {
	const [member] = node.members;
	return member && ts.isIndexSignatureDeclaration(member) ? nested(member.type) : { kind: "any" };
}

/** `const Runtime: { readonly NodeJS24dX: "nodejs24.x" }`; Region, a list of plain texts, is the same. */
function enumOf(text: string, name: string): InputType {
	const statements = parse(text).statements.filter(ts.isVariableStatement);
	const declarations = statements.flatMap(({ declarationList }) => [...declarationList.declarations]);
	const declared = declarations.find((declaration) => declaration.name.getText() === name)?.type;
	if (!declared || !ts.isTypeLiteralNode(declared)) return { kind: "any" };
	const members = declared.members.flatMap((member) => {
		const type = ts.isPropertySignature(member) ? member.type : undefined;
		const literal = type && ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? type.literal.text : null;
		return literal === null ? [] : [{ literal, deprecated: ts.getJSDocDeprecatedTag(member) !== undefined }];
	});
	return {
		kind: "enum",
		name,
		values: members.map(({ literal }) => literal),
		deprecated: members.filter(({ deprecated }) => deprecated).map(({ literal }) => literal),
	};
}
