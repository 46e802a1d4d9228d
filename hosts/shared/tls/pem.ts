import { decodeBase64 } from "../base64";

/** PEM (RFC 7468): DER in base64 between its lines. */

/** The blocks of a text, with their labels (`CERTIFICATE`, `PRIVATE KEY`); empty when there are none. */
export function readPem(text: string): { label: string; der: Uint8Array }[] {
	const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g);
	return [...blocks].map(([, label, body]) => ({ label: label!, der: decodeBase64(body!) }));
}
