// Decorators of the library's own dependencies need it, before the library is loaded.
import "reflect-metadata";
import { X509Certificate as Parsed, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/**
 * RSA of 2048 bits with SHA-256: what Moddable's TLS verifies quickly and signs client certificates with; elliptic curves it
 * does not take from a client.
 */
const algorithm = {
	name: "RSASSA-PKCS1-v1_5",
	hash: "SHA-256",
	modulusLength: 2048,
	publicExponent: new Uint8Array([1, 0, 1]),
} as const;

const DAY = 86_400_000;
/** Days. What browsers and phones accept of a server at most is 398. */
export const validity = Object.freeze({ authority: 3650, server: 397, client: 825 });
/** A clock that is a little late must not refuse what was just made (ms). */
const EARLY = DAY;

/** A certificate and its private key, in PEM. */
export interface Identity {
	readonly certificate: string;
	readonly key: string;
}

/** A client certificate that is accepted no longer. */
export interface Revoked {
	/** Hexadecimal digits. */
	readonly serial: string;
	/** ISO 8601. */
	readonly date: string;
}

/** Makes a certificate authority that signs with its own key. */
export async function newAuthority(name: string, days: number = validity.authority): Promise<Identity> {
	const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
	const certificate = await x509.X509CertificateGenerator.createSelfSigned({
		...common(days),
		name: [{ CN: [name] }],
		keys,
		extensions: [
			new x509.BasicConstraintsExtension(true, 0, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
		],
	});
	return identity(certificate, keys.privateKey);
}

/** A server's certificate for host names and IP addresses. */
export function newServer(
	authority: Identity,
	hosts: readonly string[],
	days: number = validity.server,
): Promise<Identity> {
	const names = hosts.map((host) => ({ type: isIP(host) ? ("ip" as const) : ("dns" as const), value: host }));
	return issue(authority, hosts[0]!, days, x509.ExtendedKeyUsage.serverAuth, [
		new x509.SubjectAlternativeNameExtension(names),
	]);
}

/** A client's: its common name is the broker's user. */
export function newClient(authority: Identity, user: string, days: number = validity.client): Promise<Identity> {
	return issue(authority, user, days, x509.ExtendedKeyUsage.clientAuth, []);
}

async function issue(
	authority: Identity,
	name: string,
	days: number,
	usage: x509.ExtendedKeyUsage,
	extensions: x509.Extension[],
): Promise<Identity> {
	const issuer = new x509.X509Certificate(authority.certificate);
	const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
	const { notBefore, notAfter, ...rest } = common(days);
	const certificate = await x509.X509CertificateGenerator.create({
		...rest,
		notBefore,
		// What outlives its authority is refused with it.
		notAfter: new Date(Math.min(notAfter.getTime(), issuer.notAfter.getTime())),
		subject: [{ CN: [name] }],
		issuer: issuer.subjectName,
		publicKey: keys.publicKey,
		signingKey: await privateKey(authority.key),
		extensions: [
			new x509.BasicConstraintsExtension(false, undefined, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
			new x509.ExtendedKeyUsageExtension([usage]),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
			await x509.AuthorityKeyIdentifierExtension.create(issuer),
			...extensions,
		],
	});
	return identity(certificate, keys.privateKey);
}

/**
 * The list of revoked certificates (RFC 5280 §5) of one authority, in PEM. It holds as long as the authority does: the broker
 * refuses every certificate once its list is out of date.
 */
export async function revocationList(authority: Identity, revoked: readonly Revoked[]): Promise<string> {
	const issuer = new x509.X509Certificate(authority.certificate);
	const list = await x509.X509CrlGenerator.create({
		issuer: issuer.subjectName,
		thisUpdate: new Date(),
		nextUpdate: issuer.notAfter,
		signingAlgorithm: algorithm,
		signingKey: await privateKey(authority.key),
		entries: revoked.map(({ serial, date }) => ({
			serialNumber: serial,
			revocationDate: new Date(date),
			reason: x509.X509CrlReason.cessationOfOperation,
		})),
	});
	return `${x509.PemConverter.encode(list.rawData, "X509 CRL")}\n`;
}

/** Days until a certificate (PEM; the first one, also behind a key) is no longer valid; negative when that is past. */
export function daysLeft(certificate: string, now = Date.now()): number {
	return Math.floor((Date.parse(new Parsed(certificate).validTo) - now) / DAY);
}

/** Its serial number, in hexadecimal digits. */
export function serialOf(certificate: string): string {
	return new Parsed(certificate).serialNumber.toLowerCase();
}

function common(days: number) {
	const now = Date.now();
	return {
		serialNumber: serial(),
		notBefore: new Date(now - EARLY),
		notAfter: new Date(now + days * DAY),
		signingAlgorithm: algorithm,
	};
}

/** Positive, and random enough to be the only one (RFC 5280 §4.1.2.2). */
function serial(): string {
	const bytes = randomBytes(16);
	bytes[0] = (bytes[0]! & 0x3f) | 0x40;
	return bytes.toString("hex");
}

async function identity(certificate: x509.X509Certificate, key: webcrypto.CryptoKey): Promise<Identity> {
	const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
	return {
		certificate: `${certificate.toString("pem")}\n`,
		key: x509.PemConverter.encode(pkcs8, x509.PemConverter.PrivateKeyTag).concat("\n"),
	};
}

function privateKey(pem: string): Promise<webcrypto.CryptoKey> {
	return webcrypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), algorithm, false, ["sign"]);
}
