import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Release, TrustedKey } from "../../modules/update/release";
import { keyId, rawKey } from "../../sim/release-keys";

/** A key that signs, and how a node knows it. */
export function signingKey(): { privateKey: KeyObject; publicKey: KeyObject; trusted: TrustedKey } {
	const { privateKey, publicKey } = generateKeyPairSync("ed25519");
	return { privateKey, publicKey, trusted: { id: keyId(publicKey), bytes: new Uint8Array(rawKey(publicKey)) } };
}

/** 2026-01-01, in seconds: when virtual time starts. */
export const NEW_YEAR = Date.UTC(2026, 0, 1) / 1000;

/** A release that suits a node of the simulator called Vagalume; with what is given. */
export function releaseOf(changes: Partial<Release> = {}): Release {
	return {
		name: "Vagalume",
		version: "1.1.0",
		sequence: 7,
		minimum: "0.0.0",
		expires: NEW_YEAR + 86_400,
		images: { simulator: { size: 1000, sha256: Buffer.alloc(32, 1).toString("base64url") } },
		...changes,
	};
}
