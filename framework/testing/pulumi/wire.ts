import {
	specialArchiveSig,
	specialAssetSig,
	specialOutputValueSig,
	specialResourceSig,
	specialSecretSig,
	specialSigKey,
	unknownValue,
} from "@pulumi/pulumi/runtime/rpc.js";
import { readAsset } from "./assets.ts";
import { type AssetValue, assetOf, isObject, type Value } from "./graph.ts";

export interface Surroundings {
	/** How a resource is named by its URN. */
	reference(urn: string): string;
	/** The program's: paths of assets are relative to it. */
	workingDirectory: string;
}

/** Reads values as the SDK sends them: JSON with signed objects for secrets, assets, resources and unknowns. */
export function decode(wire: unknown, around: Surroundings): Value {
	if (wire === unknownValue) return { $unknown: true };
	if (Array.isArray(wire)) return wire.map((member) => decode(member, around));
	if (!isObject(wire)) return (wire ?? null) as Value;
	const { [specialSigKey]: signature, ...members } = wire;
	switch (signature) {
		case undefined:
			return decodeMembers(members, around);
		case specialSecretSig:
			return { $secret: decode(members.value, around) };
		case specialOutputValueSig:
			return decodeOutput(members, around);
		case specialResourceSig:
			return { $resource: around.reference(String(members.urn)) };
		case specialAssetSig:
		case specialArchiveSig:
			return { $asset: decodeAsset(wire, around.workingDirectory) as unknown as Value };
		default:
			throw new Error(`The program sent a value of an unknown kind (${String(signature)}).`);
	}
}

export function decodeMembers(members: Record<string, unknown>, around: Surroundings): Record<string, Value> {
	return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, decode(value, around)]));
}

function decodeOutput(members: Record<string, unknown>, around: Surroundings): Value {
	const value: Value = "value" in members ? decode(members.value, around) : { $unknown: true };
	return members.secret === true ? { $secret: value } : value;
}

function decodeAsset(wire: unknown, workingDirectory: string): AssetValue {
	if (!isObject(wire)) throw new Error("An archive's entry is neither an asset nor an archive.");
	const kind = wire[specialSigKey] === specialArchiveSig ? "archive" : "asset";
	return readAsset(kind, wire, workingDirectory, (entry) => decodeAsset(entry, workingDirectory));
}

/** Inputs as a provider sees them, and answers them: the engine puts a resource's id in the place of the resource. */
export function withoutReferences(wire: unknown): unknown {
	if (Array.isArray(wire)) return wire.map(withoutReferences);
	if (!isObject(wire)) return wire;
	if (wire[specialSigKey] === specialResourceSig) return wire.id ?? wire.urn;
	return Object.fromEntries(Object.entries(wire).map(([key, member]) => [key, withoutReferences(member)]));
}

/** Values given by a test, as an engine sends them. */
export function encode(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(encode);
	if (assetOf(value)) throw new Error("An answer cannot hold an asset.");
	if (!isObject(value)) return value;
	if ("$secret" in value) return { [specialSigKey]: specialSecretSig, value: encode(value.$secret) };
	if (value.$unknown === true) return unknownValue;
	const given = Object.entries(value).filter(([, member]) => member !== undefined);
	return Object.fromEntries(given.map(([key, member]) => [key, encode(member)]));
}
