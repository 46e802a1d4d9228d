import type { HostValue } from "../../shared/host-value";
import type { Certificates } from "../../shared/services/tcp-service";
import { readCertificate } from "../../shared/tls/certificate";
import { DerReader } from "../../shared/tls/der";
import { readPem } from "../../shared/tls/pem";
import { decodeText } from "../../shared/utf8";

/** Certificates and keys as the SDK's TLS takes them: DER. */
export const der: Certificates = Object.freeze<Certificates>({
	certificates(value, what) {
		try {
			const list = blocks(value, "CERTIFICATE");
			if (list.length === 0) throw new Error("it is empty");
			for (const one of list) readCertificate(one);
			return list;
		} catch (error) {
			throw new Error(`TLS ${what}: not a PEM or DER certificate (${(error as Error).message})`);
		}
	},

	key(value) {
		const [key] = blocks(value, "PRIVATE KEY");
		if (!key) throw new Error("TLS client key: not in PKCS #8, which this host needs (PEM: BEGIN PRIVATE KEY)");
		return key;
	},
});

function blocks(value: HostValue, label: string): Uint8Array[] {
	const bytes = typeof value === "string" ? undefined : new Uint8Array(value as ArrayBuffer);
	const text = bytes ? (bytes[0] === 0x30 ? undefined : decodeText(bytes)) : (value as string);
	if (text !== undefined) {
		return readPem(text)
			.filter((block) => block.label === label)
			.map((block) => block.der);
	}
	const list: Uint8Array[] = [];
	for (const reader = new DerReader(bytes!); reader.more; ) list.push(reader.whole().slice());
	return list;
}
