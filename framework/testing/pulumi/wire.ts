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

/** Reads values as the SDK sends them: JSON with signed objects for secrets, assets, resources and unknowns. */
export function decode(wire: unknown, reference: (urn: string) => string): Value {
	if (wire === unknownValue) return { $unknown: true };
	if (Array.isArray(wire)) return wire.map((member) => decode(member, reference));
	if (!isObject(wire)) return (wire ?? null) as Value;
	const { [specialSigKey]: signature, ...members } = wire;
	switch (signature) {
		case undefined:
			return decodeMembers(members, reference);
		case specialSecretSig:
			return { $secret: decode(members.value, reference) };
		case specialOutputValueSig:
			return decodeOutput(members, reference);
		case specialResourceSig:
			return { $resource: reference(String(members.urn)) };
		case specialAssetSig:
		case specialArchiveSig:
			return { $asset: decodeAsset(wire) as unknown as Value };
		default:
			throw new Error(`The program sent a value of an unknown kind (${String(signature)}).`);
	}
}

export function decodeMembers(
	members: Record<string, unknown>,
	reference: (urn: string) => string,
): Record<string, Value> {
	return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, decode(value, reference)]));
}

function decodeOutput(members: Record<string, unknown>, reference: (urn: string) => string): Value {
	const value: Value = "value" in members ? decode(members.value, reference) : { $unknown: true };
	return members.secret === true ? { $secret: value } : value;
}

function decodeAsset(wire: unknown): AssetValue {
	if (!isObject(wire)) throw new Error("An archive's entry is neither an asset nor an archive.");
	const kind = wire[specialSigKey] === specialArchiveSig ? "archive" : "asset";
	return readAsset(kind, wire, decodeAsset);
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
