import { type Certificate, readCertificate } from "./certificate";
import { sameBytes } from "./der";

export interface ChainOptions {
	/** The server's certificates in DER, its own first. */
	readonly certificates: readonly Uint8Array[];
	/** Trusted authorities, in DER. */
	readonly anchors: readonly Uint8Array[];
	/** A DNS name or an IPv4 address. */
	readonly name: string;
	/** ms since 1970 */
	readonly date: number;
	/** Whether the signature of one certificate is by the key of another. */
	isSignedBy(certificate: Certificate, issuer: Certificate): boolean;
}

/** More certificates than that are no chain. */
const LONGEST = 6;

/**
 * Throws unless a TLS server with these certificates is the one that was asked for (RFC 5280 §6, RFC 6125): its name, the dates
 * of all certificates, and a chain to a trusted authority in which each signer may sign. The error has the code that Node has for it.
 */
export function checkChain(options: ChainOptions): void {
	const { name, date, isSignedBy } = options;
	if (options.certificates.length === 0) throw refused("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "there is none");
	if (options.certificates.length > LONGEST) throw refused("CERT_CHAIN_TOO_LONG", "there are too many");
	const given = options.certificates.map(read);
	const anchors = options.anchors.map(read);
	let current = given[0]!;
	if (!current.forServers) throw refused("INVALID_PURPOSE", "it is not for servers");
	for (let signers = 0; ; signers++) {
		checkDates(current, date);
		const anchor = anchors.find((one) => isIssuer(one, current, signers) && isSignedBy(current, one));
		if (anchor) {
			checkDates(anchor, date);
			break;
		}
		// An anchor may be the server's own certificate.
		if (anchors.some(({ der }) => sameBytes(der, current.der))) break;
		const next = given.find((one) => one !== current && isIssuer(one, current, signers) && isSignedBy(current, one));
		if (!next || signers >= LONGEST) throw refused("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "no known authority signed it");
		current = next;
	}
	if (!matches(given[0]!, name.toLowerCase())) throw refused("ERR_TLS_CERT_ALTNAME_INVALID", `it is not for ${name}`);
}

function read(der: Uint8Array): Certificate {
	try {
		return readCertificate(der);
	} catch (error) {
		throw refused("ERR_TLS_CERT_MALFORMED", (error as Error).message);
	}
}

function isIssuer(one: Certificate, of: Certificate, signers: number): boolean {
	return one.authority && (one.pathLength ?? signers) >= signers && sameBytes(one.subject, of.issuer);
}

function checkDates({ from, to }: Certificate, date: number): void {
	if (date < from) throw refused("CERT_NOT_YET_VALID", "it is not valid yet");
	if (date > to) throw refused("CERT_HAS_EXPIRED", "it has expired");
}

/** Whether a certificate is for a name (in lower case): by its alternative names alone; a `*` stands for the whole first label. */
export function matches({ dnsNames, addresses }: Pick<Certificate, "dnsNames" | "addresses">, name: string): boolean {
	if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return addresses.includes(name);
	return dnsNames.some((pattern) => {
		if (!pattern.startsWith("*.")) return pattern === name;
		const dot = name.indexOf(".");
		return dot > 0 && name.slice(dot) === pattern.slice(1) && pattern.indexOf(".", 2) > 0;
	});
}

function refused(code: string, reason: string): Error {
	return Object.assign(new Error(`the server's certificate: ${reason}`), { code });
}
