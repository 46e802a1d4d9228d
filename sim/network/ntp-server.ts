/** A time server (SNTP, RFC 5905): what a client's packet is answered with. */

const LENGTH = 48;
/** Seconds from 1900 to 1970. */
const EPOCH = 2_208_988_800;

/** The reply to a request, with `date` (ms since 1970) as the time; undefined for what is no request. */
export function answer(request: Uint8Array, date: number): Uint8Array | undefined {
	if (request.byteLength < LENGTH || (request[0]! & 7) !== 3) return undefined;
	const reply = new Uint8Array(LENGTH);
	const view = new DataView(reply.buffer);
	reply[0] = (request[0]! & 0x38) | 4;
	reply[1] = 2;
	reply[2] = request[2]!;
	reply[3] = 0xec;
	reply.set([10, 0, 0, 1], 12);
	writeTime(view, 16, date);
	reply.set(request.subarray(40, 48), 24);
	writeTime(view, 32, date);
	writeTime(view, 40, date);
	return reply;
}

function writeTime(view: DataView, offset: number, date: number): void {
	const seconds = Math.floor(date / 1000);
	view.setUint32(offset, (seconds + EPOCH) >>> 0);
	view.setUint32(offset + 4, Math.floor(((date - seconds * 1000) * 2 ** 32) / 1000));
}
