import { encodeText } from "../../hosts/shared/utf8";

/** A service as it is advertised (RFC 6763 §4, §6). */
export interface AdvertisedService {
	/** `_mqtt._tcp` */
	readonly type: string;
	/** For people: 1..63 bytes of UTF-8. */
	readonly name: string;
	/** `broker.local` */
	readonly host: string;
	/** IPv4 */
	readonly address: string;
	readonly port: number;
	/** `key=value` or `key`, each at most 255 bytes of UTF-8. */
	readonly txt?: readonly string[];
}

/** Where multicast DNS is asked (RFC 6762 §3). */
export const GROUP = "224.0.0.251";
export const MULTICAST_DNS_PORT = 5353;

const A = 1;
const PTR = 12;
const TXT = 16;
const SRV = 33;
const ANY = 255;
const HEADER = 12;
/** QR and AA (RFC 6762 §18.2, §18.4). */
const RESPONSE = 0x8400;
/** QR and opcode: of a query, none is set. */
const NO_QUERY = 0xf800;
/** Seconds: more is not for who asks from a port of its own (RFC 6762 §6.7). */
const TTL = 10;
const LONGEST_NAME = 255;

// Written here, because the library that the tools use takes no dot in a service's name, and node.ts may ask for one.
type Bytes = readonly number[];
interface Record {
	readonly name: Bytes;
	readonly type: number;
	readonly data: Bytes;
}

/**
 * What a responder says to who asks from a port of its own (RFC 6762 §6.7): the question, the answers to it, and what one asks
 * for next. Undefined when it is no query, or about nothing that is known here.
 */
export function answer(query: Uint8Array, services: readonly AdvertisedService[]): Uint8Array | undefined {
	const view = new DataView(query.buffer, query.byteOffset, query.byteLength);
	if (query.length < HEADER || (view.getUint16(2) & NO_QUERY) !== 0 || view.getUint16(4) !== 1) return undefined;
	const end = endOfName(query, HEADER);
	if (end === undefined || end + 4 > query.length) return undefined;
	const asked = keyOf(query.subarray(HEADER, end));
	const type = view.getUint16(end);
	const known = services.flatMap(recordsOf);
	const answers = known.filter((record) => keyOf(record.name) === asked && (type === ANY || record.type === type));
	if (answers.length === 0) return undefined;
	// Who asked for a service wants to know where it is, too.
	const more = type === PTR ? known.filter((record) => !answers.includes(record) && record.type !== PTR) : [];
	const head = [
		...query.subarray(0, 2),
		RESPONSE >> 8,
		RESPONSE & 0xff,
		...[1, answers.length, 0, more.length].flatMap(number),
	];
	return Uint8Array.from([...head, ...query.subarray(HEADER, end + 4), ...[...answers, ...more].flatMap(bytesOf)]);
}

function recordsOf({ type, name, host, address, port, txt = [] }: AdvertisedService): Record[] {
	const service = nameOf([...type.split("."), "local"]);
	const instance = [...label(name), ...service];
	const target = nameOf(host.split("."));
	const pairs = txt.length === 0 ? [0] : txt.flatMap(label);
	return [
		{ name: service, type: PTR, data: instance },
		{ name: instance, type: SRV, data: [0, 0, 0, 0, ...number(port), ...target] },
		{ name: instance, type: TXT, data: pairs },
		{ name: target, type: A, data: address.split(".").map(Number) },
	];
}

function bytesOf({ name, type, data }: Record): number[] {
	return [...name, ...number(type), 0, 1, 0, 0, ...number(TTL), ...number(data.length), ...data];
}

function nameOf(labels: readonly string[]): number[] {
	return [...labels.flatMap(label), 0];
}

function label(text: string): number[] {
	const bytes = encodeText(text);
	return [bytes.length, ...bytes];
}

function number(value: number): number[] {
	return [value >> 8, value & 0xff];
}

/** Where a name without pointers ends. */
function endOfName(bytes: Uint8Array, start: number): number | undefined {
	for (let at = start; at < bytes.length && at - start < LONGEST_NAME; at += 1 + bytes[at]!) {
		if (bytes[at] === 0) return at + 1;
		if (bytes[at]! > 63) return undefined;
	}
	return undefined;
}

/** The same for names that are the same: ASCII letters are alike (RFC 6762 §16). */
function keyOf(name: Iterable<number>): string {
	return [...name].map((byte) => (byte > 64 && byte < 91 ? byte + 32 : byte)).join();
}
