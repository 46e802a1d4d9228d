import { Digest } from "crypt";
import ECDSA from "ecdsa";
import type { Certificate } from "hosts/shared/tls/certificate";
import { DerReader, Tag } from "hosts/shared/tls/der";
import RSA from "rsa";
import X509 from "x509";

interface Algorithm {
	readonly digest: "SHA256" | "SHA384" | "SHA512";
	readonly key: "RSA" | "EC";
}

/** MD5 and SHA-1 are left out: they prove nothing any more. */
const algorithms: Readonly<Record<string, Algorithm>> = Object.freeze({
	"1.2.840.113549.1.1.11": Object.freeze({ digest: "SHA256", key: "RSA" }),
	"1.2.840.113549.1.1.12": Object.freeze({ digest: "SHA384", key: "RSA" }),
	"1.2.840.113549.1.1.13": Object.freeze({ digest: "SHA512", key: "RSA" }),
	"1.2.840.10045.4.3.2": Object.freeze({ digest: "SHA256", key: "EC" }),
	"1.2.840.10045.4.3.3": Object.freeze({ digest: "SHA384", key: "EC" }),
	"1.2.840.10045.4.3.4": Object.freeze({ digest: "SHA512", key: "EC" }),
});

/** DigestInfo before the digest itself (RFC 8017 §9.2). */
const prefixes: Readonly<Record<Algorithm["digest"], string>> = Object.freeze({
	SHA256: "3031300d060960864801650304020105000420",
	SHA384: "3041300d060960864801650304020205000430",
	SHA512: "3051300d060960864801650304020305000440",
});

/** Whether the key of one certificate has signed another. The SDK's own check takes padding that no signer makes. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
	const algorithm = algorithms[certificate.algorithm];
	if (!algorithm) throw new Error(`TLS: certificates signed by algorithm ${certificate.algorithm} are not understood`);
	const key = X509.decodeSPKI(issuer.der.slice());
	const digest = new Uint8Array(new Digest(algorithm.digest).process(certificate.signed.slice()));
	if (algorithm.key === "RSA") return "modulus" in key && rsa(key, digest, algorithm.digest, certificate.signature);
	return "curve" in key && ecdsa(key, digest, certificate.signature);
}

/** RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2): what the key makes of the signature is the one encoding of the digest. */
function rsa(
	{ modulus, exponent }: { modulus: bigint; exponent: bigint },
	digest: Uint8Array,
	name: Algorithm["digest"],
	signature: Uint8Array,
): boolean {
	const length = hexOf(modulus).length / 2;
	if (signature.length !== length) return false;
	const value = integerOf(signature);
	if (value >= modulus) return false;
	const info = prefixes[name] + hexOfBytes(digest);
	const expected = `0001${"ff".repeat(length - info.length / 2 - 3)}00${info}`;
	return new RSA(exponent, modulus).process(value) === BigInt(`0x${expected}`);
}

/** FIPS 186-4 §6.4: the digest is cut to the order's length. */
function ecdsa(
	key: { curve: { n: bigint; orderSize: number }; pub: unknown },
	digest: Uint8Array,
	signature: Uint8Array,
) {
	const pair = new DerReader(new DerReader(signature).next(Tag.sequence));
	const r = integerOf(pair.next(Tag.integer));
	const s = integerOf(pair.next(Tag.integer));
	const { n, orderSize } = key.curve;
	if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
	return new ECDSA(key.pub, key.curve)._verify(digest.slice(0, orderSize).buffer, r, s);
}

function integerOf(bytes: Uint8Array): bigint {
	return bytes.length === 0 ? 0n : BigInt(`0x${hexOfBytes(bytes)}`);
}

function hexOfBytes(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
	return text;
}

/** With an even number of digits. */
function hexOf(value: bigint): string {
	const text = value.toString(16);
	return text.length % 2 === 0 ? text : `0${text}`;
}
