import { decodeBase64url } from "./base64url";
import type { TrustedKey } from "./release";
import { SHA256 } from "./sha256";

const DIGITS = "0123456789abcdef";

/** How signatures name a key: the first 8 bytes of the SHA-256 of its 32, in hexadecimal digits. */
export function keyId(key: Uint8Array): string {
	const hash = new SHA256().update(key).digest();
	let text = "";
	for (let index = 0; index < 8; index++) text += DIGITS[hash[index]! >> 4]! + DIGITS[hash[index]! & 15]!;
	return text;
}

/** Whose releases a node takes, and whose no more. */
export interface Trust {
	readonly keys: readonly TrustedKey[];
	/** Names of keys that the node was made with and a release took away. */
	readonly revoked: readonly string[];
}

/**
 * @param provisioned the keys that the node was made with, in base64url
 * @param current those that the latest release with a list of keys named, which go before the others
 * @throws Error when a provisioned one is no key
 */
export function trustOf(provisioned: readonly string[], current: readonly string[] | undefined): Trust {
	const keys = (current ?? provisioned).map(trustedKey);
	const revoked = provisioned.map((key) => trustedKey(key).id).filter((id) => !keys.some((key) => key.id === id));
	return { keys, revoked };
}

function trustedKey(text: string): TrustedKey {
	const bytes = decodeBase64url(text);
	if (bytes?.length !== 32) throw new Error(`settings.releaseKeys: "${text}" is no key of 32 bytes in base64url`);
	return { id: keyId(bytes), bytes };
}
