import { createPrivateKey, X509Certificate } from "node:crypto";
import type { HostValue } from "../../shared/host-value";
import type { Certificates } from "../../shared/services/tcp-service";

/** One or several certificates, PEM or DER (several DER ones follow each other), as PEM. */
function certificates(value: HostValue, what: string): string[] {
	try {
		const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.from(value as ArrayBuffer);
		if (bytes.includes("-----BEGIN")) {
			const list = bytes.toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
			if (list.length === 0) throw new Error("no certificate in the PEM text");
			for (const pem of list) new X509Certificate(pem);
			return list;
		}
		const list: string[] = [];
		for (let rest: Buffer = bytes; rest.length > 0; ) {
			const length = elementLength(rest);
			list.push(new X509Certificate(rest.subarray(0, length)).toString());
			rest = rest.subarray(length);
		}
		if (list.length === 0) throw new Error("it is empty");
		return list;
	} catch (error) {
		throw new Error(`TLS ${what}: not a PEM or DER certificate (${(error as Error).message})`);
	}
}

/** The length of a DER element, header included. */
function elementLength(bytes: Buffer): number {
	const first = bytes[1] ?? 0;
	if (first < 0x80) return 2 + first;
	const count = first & 0x7f;
	return 2 + count + bytes.readUIntBE(2, count);
}

function key(value: HostValue): string {
	const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.from(value as ArrayBuffer);
	if (bytes.includes("ENCRYPTED"))
		throw new Error("TLS client key: is encrypted; a key without a passphrase is needed");
	if (bytes.includes("-----BEGIN")) return bytes.toString();
	for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
		try {
			const made = createPrivateKey({ key: bytes, format: "der", type });
			return made.export({ format: "pem", type: "pkcs8" }).toString();
		} catch {
			// Another encoding, perhaps.
		}
	}
	throw new Error("TLS client key: neither PEM nor DER (PKCS #8, PKCS #1, SEC 1)");
}

/** Certificates and keys as Node's TLS takes them: PEM. */
export const pem: Certificates = { certificates, key };
