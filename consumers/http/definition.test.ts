import { describe, expect, test } from "vitest";
import { settle } from "../../framework/testing/conformance.ts";
import { definition } from "./definition.ts";
import type { HttpSettings } from "./settings.ts";

function check(given: object, local = false) {
	const settled = settle(definition, { url: "https://crm.example.com", ...given }, { local });
	return definition.check?.(settled.given as HttpSettings, settled.context) ?? [];
}

describe("check", () => {
	test.each([
		["https://crm.example.com/a?b=c", []],
		["http://localhost:8080/", []],
		["http://127.0.0.1/", []],
		["http://[::1]:9/", []],
		["http://crm.example.com", ["url-not-https"]],
		["http://localhost.example.com", ["url-not-https"]],
		["https://user:pass@crm.example.com", ["url-credentials"]],
		["http://user@crm.example.com/#x", ["url-credentials", "url-invalid", "url-not-https"]],
		["https://:0/", ["url-invalid"]],
	])("%s", (url, codes) => {
		expect(check({ url }).map(({ code }) => code)).toEqual(codes);
	});

	test("does not repeat the password", () => {
		expect(JSON.stringify(check({ url: "https://user:hunter2@crm.example.com" }))).not.toContain("hunter2");
	});

	test("lets the local environment speak http", () => {
		expect(check({ url: "http://receiver.test" }, true)).toEqual([]);
	});

	test.each(["Authorization", "X-Api-Key", "cookie", "X-Auth-Token", "X-Hub-Signature"])(
		"refuses the constant header %s and takes it as a secret",
		(name) => {
			expect(check({ headers: { [name]: "v" } })).toMatchObject([
				{ code: "header-credential", path: ["headers", name], at: "key" },
			]);
			expect(check({ secretHeaders: { [name]: "ssm:/v" } })).toEqual([]);
		},
	);

	test.each(["Webhook-Id", "content-type", "Host", "transfer-encoding"])(
		"refuses %s, which is set for the user",
		(name) => {
			expect(check({ headers: { [name]: "v" } })).toMatchObject([{ code: "header-reserved" }]);
			expect(check({ secretHeaders: { [name]: "ssm:/v" } })).toMatchObject([{ code: "header-reserved" }]);
		},
	);

	test("has nothing against an ordinary header", () => {
		expect(check({ headers: { "X-Team": "shop", accept: "*/*" } })).toEqual([]);
	});
});

describe("contribute", () => {
	const given = {
		url: "https://crm.example.com/a?key=1",
		signingSecret: "ssm:/b",
		secretHeaders: { a: "ssm:/a", b: "ssm:/b" },
	};

	test("lists each secret once and leaves the query out of the target", () => {
		const { contribution } = settle(definition, given);
		expect(contribution.secrets).toEqual(["ssm:/a", "ssm:/b"]);
		expect(contribution.target).toBe("POST https://crm.example.com/a");
		expect(contribution.settings).toMatchObject({ url: given.url });
	});

	test("goes to the built-in receiver locally, or to the target that the local environment names", () => {
		const builtIn = settle(definition, given, { local: true });
		expect(builtIn.contribution.settings).toMatchObject({ url: "http://127.0.0.1:4000/orders/shipping" });
		const named = settle(definition, given, { local: true, setByEnvironment: (path) => path === "url" });
		expect(named.contribution.settings).toMatchObject({ url: given.url });
	});
});
