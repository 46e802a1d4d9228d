import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { Verification } from "../../modules/update/ed25519";
import { add, carry, invert, LIMBS, multiply, pack, powerForRoot, square, unpack } from "../../modules/update/field";
import { SHA256 } from "../../modules/update/sha256";
import { SHA512 } from "../../modules/update/sha512";
import { Event } from "../inside/operations";
import { Inside, insideRom } from "../support/inside";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const fromHex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function number(bytes: Uint8Array): bigint {
	return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function bytesOf(value: bigint): Uint8Array {
	return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n));
}

/** Whether a signature is right, and how many steps that took. */
function check(key: Uint8Array, message: Uint8Array, signature: Uint8Array): { right: boolean; steps: number } {
	const verification = new Verification(key, message, signature);
	for (let steps = 1; steps < 100; steps++) {
		const right = verification.step();
		if (right !== undefined) return { right, steps };
	}
	throw new Error("it never ends");
}

function newKey() {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	return { key: new Uint8Array(publicKey.export({ type: "spki", format: "der" }).subarray(-32)), privateKey };
}

const chunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });

test("SHA-256 and SHA-512 are Node's, however the message comes", () => {
	fc.assert(
		fc.property(chunks, (parts) => {
			for (const [name, hash] of [
				["sha256", new SHA256()],
				["sha512", new SHA512()],
			] as const) {
				for (const part of parts) hash.update(part);
				assert.equal(hex(hash.digest()), createHash(name).update(Buffer.concat(parts)).digest("hex"), name);
			}
		}),
	);
});

describe("arithmetic modulo 2^255 - 19", () => {
	/** Limbs up to the bound that a carry leaves, all of one sign or not. */
	const limb = fc.oneof(
		fc.integer({ min: -(2 ** 23 + 2 ** 18), max: 2 ** 23 + 2 ** 18 }),
		fc.constantFrom(-8650752, 8650752),
	);
	const element = fc.array(limb, { minLength: LIMBS, maxLength: LIMBS });
	const valueFrom = (limbs: readonly number[]) => limbs.reduceRight((sum, one) => sum * 2n ** 24n + BigInt(one), 0n);
	const modulo = (value: bigint) => ((value % P) + P) % P;
	const packed = (r: Float64Array, at: number) => {
		const bytes = new Uint8Array(32);
		pack(r, at, bytes);
		return number(bytes);
	};

	test("products of sums at their largest are exact, and come out within their bounds", () => {
		fc.assert(
			fc.property(element, element, element, element, (a, b, c, d) => {
				const r = Float64Array.from([...a, ...b, ...c, ...d]);
				add(r, 0, 0, LIMBS);
				add(r, 2 * LIMBS, 2 * LIMBS, 3 * LIMBS);
				const [left, right] = [valueFrom(a) + valueFrom(b), valueFrom(c) + valueFrom(d)];
				multiply(r, LIMBS, 0, 2 * LIMBS);
				assert.equal(packed(r, LIMBS), modulo(left * right));
				square(r, 3 * LIMBS, 0);
				assert.equal(packed(r, 3 * LIMBS), modulo(left * left));
				for (const limb of r.subarray(LIMBS, 2 * LIMBS)) assert.ok(Math.abs(limb) <= 2 ** 23 + 2 ** 18, `${limb}`);
				for (const limb of r.subarray(3 * LIMBS)) assert.ok(Math.abs(limb) <= 2 ** 23 + 2 ** 18, `${limb}`);
				carry(r, 0);
				assert.equal(packed(r, 0), modulo(left));
			}),
			{ numRuns: 500 },
		);
	});

	test("32 bytes come and go; p and what is above it come out as less", () => {
		for (const value of [0n, 1n, 18n, 19n, P - 1n, P, P + 1n, 2n ** 255n - 1n]) {
			const r = new Float64Array(LIMBS);
			unpack(r, 0, bytesOf(value));
			assert.equal(packed(r, 0), modulo(value));
		}
	});

	test("1 / x and x ^ ((p - 5) / 8)", () => {
		const power = (base: bigint, exponent: bigint) => {
			let result = 1n;
			for (let square = base, left = exponent; left > 0n; left >>= 1n, square = (square * square) % P)
				if (left & 1n) result = (result * square) % P;
			return result;
		};
		fc.assert(
			fc.property(element, (a) => {
				const r = new Float64Array(5 * LIMBS);
				r.set(a);
				invert(r, LIMBS, 0, 2 * LIMBS);
				assert.equal(packed(r, LIMBS), power(modulo(valueFrom(a)), P - 2n));
				powerForRoot(r, LIMBS, 0, 2 * LIMBS);
				assert.equal(packed(r, LIMBS), power(modulo(valueFrom(a)), (P - 5n) / 8n));
			}),
			{ numRuns: 20 },
		);
	});
});

describe("a signature of Ed25519", () => {
	/** RFC 8032 §7.1: public key, message, signature. */
	const vectors = [
		[
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
			"",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
		],
		[
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
			"72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		],
		[
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
			"af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		],
	].map((vector) => vector.map(fromHex)) as [Uint8Array, Uint8Array, Uint8Array][];

	test("the vectors of RFC 8032 §7.1 are right", () => {
		for (const [key, message, signature] of vectors) assert.equal(check(key, message, signature).right, true);
	});

	test("what Node signed is right; with a bit changed anywhere it is not", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (message, flip) => {
				const { key, privateKey } = newKey();
				const signature = new Uint8Array(sign(null, message, privateKey));
				assert.equal(check(key, message, signature).right, true);
				const all = Uint8Array.from([...signature, ...key, ...message]);
				const bit = flip % (8 * all.length);
				all[bit >> 3]! ^= 1 << (bit & 7);
				assert.equal(check(all.subarray(64, 96), all.subarray(96), all.subarray(0, 64)).right, false, `bit ${bit}`);
			}),
			{ numRuns: 60 },
		);
	});

	test("a second form of the same signature is refused: the order added to its scalar (§8.4)", () => {
		for (const [key, message, signature] of vectors) {
			const other = signature.slice();
			other.set(bytesOf(number(signature.subarray(32)) + ORDER), 32);
			assert.equal(check(key, message, other).right, false);
		}
	});

	test("a key of small order, under which one signature is right for every message, is refused", () => {
		const small = [
			bytesOf(1n),
			bytesOf(P - 1n),
			bytesOf(0n),
			bytesOf(2n ** 255n),
			fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
			fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
			fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
			fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
		];
		const neutral = Uint8Array.from([...bytesOf(1n), ...bytesOf(0n)]);
		const openssl = createPublicKey({
			key: Buffer.concat([fromHex("302a300506032b6570032100"), bytesOf(1n)]),
			type: "spki",
			format: "der",
		});
		assert.equal(verify(null, Buffer.from("any"), openssl, neutral), true, "OpenSSL takes it: the attack is real");
		for (const key of small) assert.equal(check(key, Buffer.from("any"), neutral).right, false, hex(key));
	});

	test("a key that is no point, or written in a second form, is refused", () => {
		const [, message, signature] = vectors[0]!;
		assert.equal(check(bytesOf(2n), message, signature).right, false, "no point");
		assert.equal(check(bytesOf(P + 3n), message, signature).right, false, "not below p");
		assert.equal(check(bytesOf(1n + 2n ** 255n), message, signature).right, false, "minus 0");
		assert.equal(check(new Uint8Array(31), message, signature).right, false, "31 bytes");
		assert.equal(check(vectors[0]![0], message, signature.subarray(1)).right, false, "63 bytes");
	});

	test("takes many steps", () => {
		const [key, message, signature] = vectors[1]!;
		assert.ok(check(key, message, signature).steps > 30);
	});
});

describe("inside XS", () => {
	const rom = insideRom("signature");
	const inside = new Inside(rom, 65_536);
	after(() => {
		inside.machine.close();
		rom.close();
	});

	test("a signature is right, and with a bit changed it is not, within a board's heap", () => {
		const { key, privateKey } = newKey();
		const message = Buffer.alloc(1500, "changelog ");
		const signature = sign(null, message, privateKey);
		for (const [at, expected] of [
			[-1, "true"],
			[5, "false"],
			[40, "false"],
			[1000, "false"],
			[1570, "false"],
		] as const) {
			const bytes = Buffer.concat([key, message, signature]);
			if (at >= 0) bytes[at]! ^= 4;
			inside.arrive(bytes);
			while (inside.told.length === 0) inside.send(Event.run);
			assert.equal(inside.told.pop(), expected, `byte ${at}`);
		}
	});

	test("SHA-256 is Node's", () => {
		const parts = [1, 63, 64, 65, 200, 1000].map((length) => Buffer.alloc(length, `${length}`));
		inside.send(Event.prepare);
		for (const part of parts) inside.arrive(part, Event.publish);
		inside.send(Event.stop);
		assert.equal(inside.told.pop(), String(new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest())));
	});
});
