import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { UsageError } from "./usage";

/** The 32 bytes of a public key. */
export function rawKey(key: KeyObject): Buffer {
	return key.export({ format: "der", type: "spki" }).subarray(-32);
}

/** How signatures name a key: the first 8 bytes of the SHA-256 of its 32, in hexadecimal digits. */
export function keyId(key: KeyObject): string {
	return createHash("sha256").update(rawKey(key)).digest("hex").slice(0, 16);
}

/** All public keys of a PEM file: during a change-over there are two. Throws UsageError. */
export function readPublicKeys(file: string): KeyObject[] {
	const blocks = readText(file).match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
	if (blocks.length === 0) throw new UsageError(`${file}: no public key (PEM) in it`);
	return blocks.map((block) => {
		const key = publicKey(block, file);
		if (key.asymmetricKeyType !== "ed25519")
			throw new UsageError(`${file}: a key of ${key.asymmetricKeyType}, expected one of Ed25519`);
		return key;
	});
}

function publicKey(pem: string, file: string): KeyObject {
	try {
		return createPublicKey(pem);
	} catch (error) {
		throw new UsageError(`${file}: ${(error as Error).message}`);
	}
}

/** The text of a file. Throws UsageError. */
export function readText(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}
