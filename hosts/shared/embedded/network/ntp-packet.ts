/** The packets of SNTP, version 4 (RFC 5905 §7.3). */

const LENGTH = 48;
/** Seconds from 1900 to 1970. */
const EPOCH = 2_208_988_800;
/** Seconds of an NTP era: its 32 bits of seconds wrap in 2036. */
const ERA = 2 ** 32;

/** A client's request; `cookie` (8 bytes) comes back in the reply. */
export function writeRequest(cookie: Uint8Array): Uint8Array {
	const packet = new Uint8Array(LENGTH);
	packet[0] = (4 << 3) | 3;
	packet.set(cookie, 40);
	return packet;
}

/** The time in ms since 1970. A string says why a server gives none; an empty one, that this is no reply to the request. */
export function readReply(packet: ArrayBuffer, cookie: Uint8Array): number | string {
	if (packet.byteLength < LENGTH) return "";
	const view = new DataView(packet);
	if ((view.getUint8(0) & 7) !== 4) return "";
	for (let index = 0; index < 8; index++) if (view.getUint8(24 + index) !== cookie[index]) return "";
	const stratum = view.getUint8(1);
	if (stratum === 0) return "kiss of death: the server asks to be left alone";
	if (stratum > 15 || view.getUint8(0) >> 6 === 3) return "the server's own clock is not set";
	const seconds = view.getUint32(40);
	if (seconds === 0) return "the reply carries no time";
	const era = seconds < EPOCH ? ERA : 0;
	return (seconds + era - EPOCH) * 1000 + Math.round((view.getUint32(44) * 1000) / ERA);
}
