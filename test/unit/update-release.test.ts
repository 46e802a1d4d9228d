import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeBase64url, encodeBase64url } from "../../modules/update/base64url";
import { UpdateError, type UpdateErrorCode } from "../../modules/update/error";
import { imageFor, type Receiver, type Release, SignedRelease, type TrustedKey } from "../../modules/update/release";
import { compareVersions, isVersion, sequenceOf } from "../../modules/update/version";
import { signRelease } from "../../tools/release/sign";
import { NEW_YEAR, releaseOf, signingKey } from "../support/release";

const { privateKey, trusted } = signingKey();

/** What a node that trusts some keys makes of a text. */
function read(text: string, keys: readonly TrustedKey[] = [trusted], revoked: readonly string[] = []): Release {
	const signed = new SignedRelease(text, keys, revoked);
	for (let steps = 0; steps < 100; steps++) {
		const release = signed.step();
		if (release) return release;
	}
	throw new Error("it never ends");
}

function refused(code: UpdateErrorCode, about: RegExp, call: () => unknown): void {
	assert.throws(call, (error) => {
		assert.ok(error instanceof UpdateError, String(error));
		assert.equal(error.code, code);
		assert.match(error.message, about);
		return true;
	});
}

const receiver: Receiver = {
	name: "Vagalume",
	board: "simulator",
	sequence: 6,
	minimum: "1.0.0",
	room: 1_769_472,
	now: NEW_YEAR,
};

describe("base64url", () => {
	test("is Node's, both ways", () => {
		fc.assert(
			fc.property(fc.uint8Array(), (bytes) => {
				const text = Buffer.from(bytes).toString("base64url");
				assert.equal(encodeBase64url(bytes), text);
				assert.deepEqual(decodeBase64url(text), bytes);
			}),
		);
	});

	test("other characters, padding, an impossible length and bits left over are refused", () => {
		for (const text of ["A+AA", "AA/A", "AA==", "A", "AAAAA", "AB", "AAB", "é", "A A"])
			assert.equal(decodeBase64url(text), undefined, text);
	});
});

describe("versions", () => {
	test("are ordered as semver.org §11 says", () => {
		const ordered =
			"0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.2.0 1.10.0 2.0.0";
		const versions = ordered.split(" ");
		for (const [index, a] of versions.entries())
			for (const [other, b] of versions.entries())
				assert.equal(Math.sign(compareVersions(a, b)), Math.sign(index - other), `${a} and ${b}`);
	});

	test("what is none is told from what is", () => {
		for (const text of ["1.0.0", "10.20.30", "1.0.0-rc.1", "1.0.0-0a"]) assert.ok(isVersion(text), text);
		for (const text of ["1.0", "01.0.0", "1.0.0-", "1.0.0-a..b", "1.0.0-01", "v1.0.0", "1.0.0+5", "", 1, undefined])
			assert.ok(!isVersion(text), String(text));
	});

	test("a sequence number follows from a version, in the same order", () => {
		assert.ok(sequenceOf("1.2.3") < sequenceOf("1.2.4"));
		assert.ok(sequenceOf("1.99999.99999") < sequenceOf("2.0.0"));
		assert.ok(Number.isSafeInteger(sequenceOf("99999.99999.99999")));
	});
});

describe("a signed release", () => {
	const text = signRelease(releaseOf({ summary: "Olá ☀" }), privateKey);

	test("says what was signed, whatever the language of its summary", () => {
		assert.deepEqual(read(text), releaseOf({ summary: "Olá ☀" }));
	});

	test("forged: a change of any of its characters is refused", () => {
		fc.assert(
			fc.property(fc.nat(text.length - 1), fc.integer({ min: 33, max: 126 }), (at, code) => {
				const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
				if (changed !== text) assert.throws(() => read(changed), UpdateError);
			}),
			{ numRuns: 300 },
		);
		const [header, , signature] = text.split(".");
		const other = Buffer.from(JSON.stringify(releaseOf({ version: "6.6.6" }))).toString("base64url");
		refused("signature", /signature is wrong/, () => read(`${header}.${other}.${signature}`));
	});

	test("truncated, or longer than a node takes: refused", () => {
		fc.assert(
			fc.property(fc.nat(text.length - 1), (length) => assert.throws(() => read(text.slice(0, length)), UpdateError)),
		);
		refused("malformed", /3585 characters, at most 3584/, () => read("A".repeat(3585)));
	});

	test("by a key that is not trusted, or trusted no more: refused, each with its name", () => {
		const other = signingKey();
		refused("unknown-key", new RegExp(trusted.id), () => read(text, [other.trusted]));
		refused("revoked-key", new RegExp(trusted.id), () => read(text, [other.trusted, trusted], [trusted.id]));
		assert.equal(read(text, [other.trusted, trusted]).version, "1.1.0", "one of two keys, during a change-over");
	});

	test("signed in another way than this one: refused before anything is computed", () => {
		const [header, payload, signature] = text.split(".");
		const withHeader = (changes: object) => {
			const changed = { ...JSON.parse(Buffer.from(header!, "base64url").toString()), ...changes };
			return `${Buffer.from(JSON.stringify(changed)).toString("base64url")}.${payload}.${signature}`;
		};
		refused("malformed", /"alg" is "none"/, () => new SignedRelease(withHeader({ alg: "none" }), [trusted]));
		refused("malformed", /"alg" is "HS256"/, () => new SignedRelease(withHeader({ alg: "HS256" }), [trusted]));
		refused("malformed", /"crit"/, () => new SignedRelease(withHeader({ crit: ["exp"] }), [trusted]));
		refused("malformed", /"typ"/, () => new SignedRelease(withHeader({ typ: "JWT" }), [trusted]));
		refused("malformed", /"kid"/, () => new SignedRelease(withHeader({ kid: 7 }), [trusted]));
		refused("malformed", /three parts/, () => new SignedRelease(`${text}.more`, [trusted]));
	});

	test("that says nonsense, rightly signed: refused, and the nonsense is named", () => {
		const image = releaseOf().images["simulator"]!;
		const nonsense: [RegExp, object][] = [
			[/"name"/, { name: "" }],
			[/"version"/, { version: "one" }],
			[/"minimum"/, { minimum: "1" }],
			[/"sequence"/, { sequence: 1.5 }],
			[/"expires"/, { expires: "2027-01-01" }],
			[/"summary"/, { summary: 5 }],
			[/"images" is missing/, { images: null }],
			[/1 to 16 images/, { images: {} }],
			[/simulator has no size/, { images: { simulator: { ...image, size: -1 } } }],
			[/simulator has no SHA-256/, { images: { simulator: { ...image, sha256: "AAAA" } } }],
			[/"keys"/, { keys: [] }],
			[/"keys"/, { keys: ["AAAA"] }],
		];
		for (const [about, changes] of nonsense)
			refused("malformed", about, () => read(signRelease({ ...releaseOf(), ...changes } as Release, privateKey)));
	});
});

describe("a release that is genuine", () => {
	test("and suits the node gives the image for its board", () => {
		assert.equal(imageFor(releaseOf(), receiver).size, 1000);
	});

	const unsuitable: [UpdateErrorCode, RegExp, Partial<Release>, Partial<Receiver>][] = [
		["wrong-name", /of "Other", this is "Vagalume"/, { name: "Other" }, {}],
		["wrong-board", /for simulator, not for esp32/, {}, { board: "esp32" }],
		["wrong-board", /for simulator, not for toString/, {}, { board: "toString" }],
		["too-large", /1000 bytes, the slot 999/, {}, { room: 999 }],
		["replay", /sequence number 7, expected more than 7/, {}, { sequence: 7 }],
		["replay", /sequence number 7, expected more than 8/, {}, { sequence: 8 }],
		["downgrade", /1.1.0 is below 1.2.0/, {}, { minimum: "1.2.0" }],
		["no-time", /clock is not set/, {}, { now: undefined }],
		["expired", /expired at 2026-01-02T00:00:00.000Z/, {}, { now: NEW_YEAR + 86_400 }],
	];
	for (const [code, about, changes, node] of unsuitable)
		test(`but ${code} is refused: ${about.source}`, () => {
			refused(code, about, () => imageFor(releaseOf(changes), { ...receiver, ...node }));
		});
});
