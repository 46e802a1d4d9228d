import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { MAXIMUM_LENGTH, type Release } from "../../modules/update/release";
import { keyId } from "../../sim/release-keys";
import { UsageError } from "../../sim/usage";

/** ASCII only: what is not is escaped, so that a node needs no decoder of UTF-8. */
function ascii(value: unknown): string {
	return JSON.stringify(value).replace(
		/[^ -~]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

/** A release, signed: a JSON Web Signature in its compact form (RFC 7515 §7.1, RFC 8037 §3.1). Throws UsageError. */
export function signRelease(release: Release, key: KeyObject): string {
	const header = { alg: "EdDSA", kid: keyId(createPublicKey(key)), typ: "vagalume-release" };
	const parts = [header, release].map((part) => Buffer.from(ascii(part)).toString("base64url"));
	const signed = parts.join(".");
	const text = `${signed}.${sign(null, Buffer.from(signed), key).toString("base64url")}`;
	if (text.length > MAXIMUM_LENGTH)
		throw new UsageError(
			`the signed release has ${text.length} characters, nodes take ${MAXIMUM_LENGTH}: shorten --summary`,
		);
	return text;
}
