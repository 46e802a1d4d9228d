type Random = () => number;

function whole(random: Random, below: number): number {
	return Math.floor(random() * below);
}

/** Bytes that borders lie at. */
const telling = [0, 1, 2, 0x7f, 0x80, 0xff, 0x30, 0x3d, 0x40, 0x62, 0xc0, 0xc3, 0xed];

function splice(bytes: Uint8Array, at: number, remove: number, insert: ArrayLike<number>): Uint8Array {
	const rest = bytes.subarray(Math.min(bytes.length, at + remove));
	const result = new Uint8Array(at + insert.length + rest.length);
	result.set(bytes.subarray(0, at));
	result.set(insert, at);
	result.set(rest, at + insert.length);
	return result;
}

function randomBytes(random: Random, most: number): Uint8Array {
	return Uint8Array.from({ length: 1 + whole(random, most) }, () => whole(random, 256));
}

/** A remaining length as it is written; `fat`: in more bytes than needed. */
function lengthBytes(length: number, fat = 0): number[] {
	const bytes: number[] = [];
	do {
		bytes.push((length & 127) | 128);
		length >>>= 7;
	} while (length > 0);
	for (let count = 0; count < fat; count++) bytes.push(128);
	bytes[bytes.length - 1]! &= 127;
	return bytes;
}

/** Where the remaining length ends, and what it says. */
function readLength(bytes: Uint8Array): { end: number; length: number } {
	let length = 0;
	let at = 1;
	for (let shift = 0; at < bytes.length && shift < 28; shift += 7) {
		const byte = bytes[at++]!;
		length |= (byte & 127) << shift;
		if (byte < 128) break;
	}
	return { end: at, length };
}

type Mutation = (bytes: Uint8Array, random: Random, other: () => Uint8Array) => Uint8Array;

/** Makes the length honest again. */
function honest(bytes: Uint8Array): Uint8Array {
	const { end } = readLength(bytes);
	return splice(bytes, 1, end - 1, lengthBytes(Math.max(0, bytes.length - end)));
}

const mutations: readonly Mutation[] = [
	function flipBits(bytes, random) {
		const result = bytes.slice();
		for (let count = 1 + whole(random, 4); count > 0; count--)
			result[whole(random, result.length)]! ^= 1 << whole(random, 8);
		return result;
	},
	function flipHead(bytes, random) {
		const result = bytes.slice();
		result[whole(random, Math.min(8, result.length))]! ^= 1 << whole(random, 8);
		return result;
	},
	function setByte(bytes, random) {
		const result = bytes.slice();
		const at = random() < 0.5 ? whole(random, Math.min(12, result.length)) : whole(random, result.length);
		result[at] = telling[whole(random, telling.length)]!;
		return result;
	},
	function cutShort(bytes, random) {
		return bytes.slice(0, whole(random, bytes.length));
	},
	function takeOut(bytes, random) {
		const changed = splice(bytes, whole(random, bytes.length), 1 + whole(random, 8), []);
		return random() < 0.5 && changed.length > 1 ? honest(changed) : changed;
	},
	function putIn(bytes, random) {
		const changed = splice(bytes, whole(random, bytes.length + 1), 0, randomBytes(random, 10));
		return random() < 0.5 ? honest(changed) : changed;
	},
	function lie(bytes, random) {
		const { end, length } = readLength(bytes);
		const lies = [0, 1, length - 1, length + 1, length + whole(random, 300), whole(random, 70_000), 268_435_455];
		const fat = random() < 0.2 ? whole(random, 4) : 0;
		return splice(bytes, 1, end - 1, lengthBytes(Math.max(0, lies[whole(random, lies.length)]!), fat));
	},
	function lieInside(bytes, random) {
		const result = bytes.slice();
		const at = whole(random, Math.min(30, result.length));
		result[at] = random() < 0.5 ? 0 : whole(random, 256);
		if (at + 1 < result.length) result[at + 1] = random() < 0.3 ? 255 : whole(random, 256);
		return result;
	},
	function splicePackets(bytes, random, other) {
		const second = other();
		const changed = splice(
			bytes.slice(0, whole(random, bytes.length + 1)),
			bytes.length,
			0,
			second.subarray(whole(random, second.length)),
		);
		return random() < 0.5 && changed.length > 1 ? honest(changed) : changed;
	},
	function repeat(bytes, random) {
		let result = bytes;
		for (let count = 1 + whole(random, 3); count > 0; count--) result = splice(result, result.length, 0, bytes);
		return result;
	},
	function repeatInside(bytes, random) {
		const from = whole(random, bytes.length);
		const part = bytes.slice(from, from + 1 + whole(random, 20));
		return honest(splice(bytes, from, 0, part));
	},
	function nonsense(_bytes, random) {
		return randomBytes(random, 40);
	},
];

/** A changed copy of a packet; now and then changed twice. */
export function mutate(bytes: Uint8Array, random: Random, other: () => Uint8Array): Uint8Array {
	let result = bytes;
	do {
		const mutation = mutations[whole(random, mutations.length)]!;
		if (result.length > 0) result = mutation(result, random, other);
	} while (random() < 0.2);
	return result;
}

/** As `mutate`, but what follows is in step: type and length stay right. */
export function mutateBody(bytes: Uint8Array, random: Random): Uint8Array {
	const { end } = readLength(bytes);
	const body = bytes.slice(end);
	if (body.length > 0) {
		if (random() < 0.5) body[whole(random, body.length)] = telling[whole(random, telling.length)]!;
		else body[whole(random, Math.min(6, body.length))]! ^= 1 << whole(random, 8);
	}
	const changed =
		random() < 0.3 ? splice(body, whole(random, body.length + 1), whole(random, 3), randomBytes(random, 4)) : body;
	return honest(splice(bytes.subarray(0, end), end, 0, changed));
}

/** Cuts a stream at random: not at all, into single bytes, or anywhere. */
export function cut(bytes: Uint8Array, random: Random): Uint8Array[] {
	const way = random();
	if (way < 0.4 || bytes.length < 2) return [bytes];
	const pieces: Uint8Array[] = [];
	const most = Math.max(way < 0.45 ? 1 : way < 0.8 ? 40 : 600, bytes.length / 30);
	for (let at = 0; at < bytes.length; ) {
		const end = Math.min(bytes.length, at + 1 + whole(random, most));
		pieces.push(bytes.subarray(at, end));
		at = end;
	}
	return pieces;
}
