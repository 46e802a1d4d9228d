import { DerReader, readBits, readIdentifier, readTime, Tag } from "./der";

/** A certificate (X.509, RFC 5280), as far as a TLS client has to understand it. */
export interface Certificate {
	readonly der: Uint8Array;
	/** What is signed. */
	readonly signed: Uint8Array;
	readonly algorithm: string;
	readonly signature: Uint8Array;
	/** Names as DER: they are compared, not read. */
	readonly issuer: Uint8Array;
	readonly subject: Uint8Array;
	/** ms since 1970, both included. */
	readonly from: number;
	readonly to: number;
	/** SubjectPublicKeyInfo. */
	readonly key: Uint8Array;
	/** It may sign certificates. */
	readonly authority: boolean;
	/** How many authorities may stand between it and the server's certificate; undefined: any number. */
	readonly pathLength: number | undefined;
	/** It may be a TLS server's, as far as it says for what it is. */
	readonly forServers: boolean;
	readonly dnsNames: readonly string[];
	/** Dotted IPv4. */
	readonly addresses: readonly string[];
}

const Extension = Object.freeze({
	keyUsage: "2.5.29.15",
	alternativeName: "2.5.29.17",
	basicConstraints: "2.5.29.19",
	nameConstraints: "2.5.29.30",
	extendedKeyUsage: "2.5.29.37",
});

/** Extensions that may be critical: all others that are make the certificate unusable (RFC 5280 §4.2). */
const understood: readonly string[] = Object.freeze([
	Extension.keyUsage,
	Extension.alternativeName,
	Extension.basicConstraints,
	Extension.extendedKeyUsage,
]);

const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
const ANY_USAGE = "2.5.29.37.0";
/** Bit 5 of keyUsage: keyCertSign. */
const CERTIFICATE_SIGN = 0x04;
const GENERAL_DNS = 0x82;
const GENERAL_ADDRESS = 0x87;

/** Throws when it is malformed, or has a critical extension that is not understood. */
export function readCertificate(der: Uint8Array): Certificate {
	const outer = new DerReader(new DerReader(der).next(Tag.sequence));
	const signed = outer.whole(Tag.sequence);
	const algorithm = readIdentifier(new DerReader(outer.next(Tag.sequence)).next(Tag.identifier));
	const signature = readBits(outer.next(Tag.bitString));
	const body = new DerReader(new DerReader(signed).next(Tag.sequence));
	// version, serial number, signature algorithm
	body.optional(0xa0);
	body.next(Tag.integer);
	body.next(Tag.sequence);
	const issuer = body.next(Tag.sequence);
	const validity = new DerReader(body.next(Tag.sequence));
	const from = readTime(validity.next());
	const to = readTime(validity.next());
	const subject = body.next(Tag.sequence);
	const key = body.whole(Tag.sequence);
	// unique identifiers
	body.optional(0x81);
	body.optional(0x82);
	const extensions = readExtensions(body.optional(0xa3));
	const { authority, pathLength } = readConstraints(extensions[Extension.basicConstraints]);
	const { dnsNames, addresses } = readNames(extensions[Extension.alternativeName]);
	return {
		der,
		signed,
		algorithm,
		signature,
		issuer,
		subject,
		from,
		to,
		key,
		authority: authority && maySign(extensions[Extension.keyUsage]),
		pathLength,
		forServers: isForServers(extensions[Extension.extendedKeyUsage]),
		dnsNames,
		addresses,
	};
}

function readExtensions(contents: Uint8Array | undefined): Record<string, Uint8Array> {
	const found: Record<string, Uint8Array> = {};
	if (!contents) return found;
	const list = new DerReader(new DerReader(contents).next(Tag.sequence));
	while (list.more) {
		const extension = new DerReader(list.next(Tag.sequence));
		const identifier = readIdentifier(extension.next(Tag.identifier));
		const critical = extension.optional(Tag.boolean)?.[0] === 0xff;
		if (critical && !understood.includes(identifier))
			throw new Error(`certificate: critical extension ${identifier} is not understood`);
		if (found[identifier]) throw new Error(`certificate: extension ${identifier} is there twice`);
		found[identifier] = extension.next(Tag.octetString);
	}
	return found;
}

function readConstraints(value: Uint8Array | undefined): { authority: boolean; pathLength: number | undefined } {
	if (!value) return { authority: false, pathLength: undefined };
	const constraints = new DerReader(new DerReader(value).next(Tag.sequence));
	const authority = constraints.optional(Tag.boolean)?.[0] === 0xff;
	const length = constraints.optional(Tag.integer);
	return { authority, pathLength: length?.reduce((sum, byte) => sum * 256 + byte, 0) };
}

function maySign(value: Uint8Array | undefined): boolean {
	if (!value) return true;
	const bits = new DerReader(value).next(Tag.bitString);
	return ((bits[1] ?? 0) & CERTIFICATE_SIGN) !== 0;
}

function isForServers(value: Uint8Array | undefined): boolean {
	if (!value) return true;
	const list = new DerReader(new DerReader(value).next(Tag.sequence));
	while (list.more) {
		const usage = readIdentifier(list.next(Tag.identifier));
		if (usage === SERVER_AUTHENTICATION || usage === ANY_USAGE) return true;
	}
	return false;
}

function readNames(value: Uint8Array | undefined): { dnsNames: string[]; addresses: string[] } {
	const dnsNames: string[] = [];
	const addresses: string[] = [];
	const list = value && new DerReader(new DerReader(value).next(Tag.sequence));
	while (list?.more) {
		const { tag } = list;
		const contents = list.next();
		if (tag === GENERAL_DNS) dnsNames.push(String.fromCharCode(...contents).toLowerCase());
		else if (tag === GENERAL_ADDRESS && contents.length === 4) addresses.push(contents.join("."));
	}
	return { dnsNames, addresses };
}
