import { jsonObject } from "../output/payload";
import { decodeBase64url } from "./base64url";
import { Verification } from "./ed25519";
import { UpdateError } from "./error";
import { compareVersions, isVersion } from "./version";

/** Characters that a signed release may have. */
export const MAXIMUM_LENGTH = 3584;
/** Images that a release may have. */
const MAXIMUM_IMAGES = 16;

/** One file of a release. */
export interface Image {
	/** Bytes. */
	readonly size: number;
	/** SHA-256, in base64url. */
	readonly sha256: string;
}

/** What a release says of itself: the payload of its signature. */
export interface Release {
	/** Of the firmware: node.ts's. */
	readonly name: string;
	readonly version: string;
	/** Grows from release to release: one that does not exceed what runs is an old one, sent again. */
	readonly sequence: number;
	/** The lowest version that a node may run once it runs this one. */
	readonly minimum: string;
	/** Seconds since 1970: from then on it is not taken any more. */
	readonly expires: number;
	/** By board. */
	readonly images: Readonly<Record<string, Image>>;
	/** For people. */
	readonly summary?: string;
	/** The keys that are trusted once this runs, in base64url; as before when absent. */
	readonly keys?: readonly string[];
}

/** A node, as far as a release must suit it. */
export interface Receiver {
	readonly name: string;
	readonly board: string;
	/** Of the running firmware. */
	readonly sequence: number;
	/** The lowest version that may run. */
	readonly minimum: string;
	/** Bytes of the slot. */
	readonly room: number;
	/** Seconds since 1970; undefined before the clock is set. */
	readonly now: number | undefined;
}

/** A key whose releases are taken. */
export interface TrustedKey {
	/** `kid` of a signature. */
	readonly id: string;
	readonly bytes: Uint8Array;
}

const HEADER = Object.freeze(["alg", "kid", "typ", "crit"]);

const malformed = (what: string) => new UpdateError("malformed", `release: ${what}`);

/**
 * The check of a signed release, in steps: a JSON Web Signature in its compact form (RFC 7515 §7.1) by Ed25519
 * (RFC 8037 §3.1). Nothing of the payload is looked at before its signature was found right.
 */
export class SignedRelease {
	#payload: Uint8Array;
	#verification: Verification;

	/** @throws UpdateError: `malformed`, `unknown-key`, `revoked-key` */
	constructor(text: string, trusted: readonly TrustedKey[], revoked: readonly string[] = []) {
		if (text.length > MAXIMUM_LENGTH) throw malformed(`${text.length} characters, at most ${MAXIMUM_LENGTH}`);
		const first = text.indexOf(".");
		const second = text.indexOf(".", first + 1);
		if (first < 0 || second < 0 || text.indexOf(".", second + 1) >= 0)
			throw malformed("expected three parts with dots");
		const id = keyOf(decodeBase64url(text, 0, first));
		if (revoked.includes(id)) throw new UpdateError("revoked-key", `release: key ${id} is trusted no more`);
		const key = trusted.find((one) => one.id === id);
		if (!key) throw new UpdateError("unknown-key", `release: key ${id} is none of those that are trusted`);
		const payload = decodeBase64url(text, first + 1, second);
		const signature = decodeBase64url(text, second + 1);
		if (!payload) throw malformed("its payload is not in base64url");
		if (signature?.length !== 64) throw malformed("expected a signature of 64 bytes in base64url");
		const signed = new Uint8Array(second);
		for (let index = 0; index < second; index++) signed[index] = text.charCodeAt(index);
		this.#payload = payload;
		this.#verification = new Verification(key.bytes, signed, signature);
	}

	/**
	 * Goes on by one step: undefined until the signature is known to be right.
	 *
	 * @throws UpdateError: `signature`, `malformed`
	 */
	step(): Release | undefined {
		const right = this.#verification.step();
		if (right === undefined) return undefined;
		if (!right) throw new UpdateError("signature", "release: its signature is wrong");
		return parse(this.#payload);
	}
}

/** `kid` of a header, which must be just what this signature is made with. */
function keyOf(bytes: Uint8Array | undefined): string {
	const header = bytes && headerOf(bytes);
	if (!header) throw malformed("its header is no JSON object in base64url");
	if (header.alg !== "EdDSA") throw malformed(`"alg" is ${JSON.stringify(header.alg)}, expected "EdDSA"`);
	if (header.typ !== "vagalume-release") throw malformed('"typ" is not "vagalume-release"');
	if (header.crit !== undefined) throw malformed('"crit" asks for extensions, and there are none');
	if (typeof header.kid !== "string" || header.kid.length > 43) throw malformed('"kid" is missing');
	return header.kid;
}

/** Whose header it is, is not known yet: only names that are wanted may come into being. */
function headerOf(bytes: Uint8Array): { alg?: unknown; kid?: unknown; typ?: unknown; crit?: unknown } | undefined {
	try {
		return jsonObject(textOf(bytes), HEADER).members;
	} catch {
		return undefined;
	}
}

/** Releases are written in ASCII, with escapes: no decoder of UTF-8 is needed. */
function textOf(bytes: Uint8Array): string {
	let text = "";
	for (let index = 0; index < bytes.length; index += 64)
		text += String.fromCharCode(...bytes.subarray(index, Math.min(index + 64, bytes.length)));
	return text;
}

function parseJSON(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(textOf(bytes));
	} catch {
		return undefined;
	}
}

const isWhole = (value: unknown, from: number): value is number =>
	Number.isSafeInteger(value) && (value as number) >= from;

/** @throws UpdateError: `malformed` */
function parse(payload: Uint8Array): Release {
	const release = parseJSON(payload) as Partial<Release> | undefined;
	if (typeof release !== "object" || release === null) throw malformed("its payload is no JSON object");
	const { name, version, sequence, minimum, expires, images, summary, keys } = release;
	if (typeof name !== "string" || name === "") throw malformed('"name" is missing');
	if (!isVersion(version)) throw malformed('"version" is none, such as "1.4.0"');
	if (!isVersion(minimum)) throw malformed('"minimum" is no version, such as "1.4.0"');
	if (!isWhole(sequence, 1)) throw malformed('"sequence" is no whole number from 1 up');
	if (!isWhole(expires, 1)) throw malformed('"expires" is no number of seconds since 1970');
	if (summary !== undefined && typeof summary !== "string") throw malformed('"summary" is no text');
	if (typeof images !== "object" || images === null) throw malformed('"images" is missing');
	const boards = Object.keys(images);
	if (boards.length === 0 || boards.length > MAXIMUM_IMAGES) throw malformed(`expected 1 to ${MAXIMUM_IMAGES} images`);
	for (const board of boards) {
		const { size, sha256 } = images[board] ?? ({} as Partial<Image>);
		if (!isWhole(size, 1)) throw malformed(`the image for ${board} has no size`);
		if (typeof sha256 !== "string" || decodeBase64url(sha256)?.length !== 32)
			throw malformed(`the image for ${board} has no SHA-256 in base64url`);
	}
	if (keys !== undefined) {
		const right = Array.isArray(keys) && keys.length > 0 && keys.length <= 4;
		if (!right || !keys.every((key) => typeof key === "string" && decodeBase64url(key)?.length === 32))
			throw malformed('"keys" is no list of 1 to 4 keys of 32 bytes in base64url');
	}
	return release as Release;
}

/**
 * Whether a release, whose signature is right, suits a node now.
 *
 * @returns the image for its board
 * @throws UpdateError: `wrong-name`, `wrong-board`, `too-large`, `replay`, `downgrade`, `no-time`, `expired`
 */
export function imageFor(release: Release, receiver: Receiver): Image {
	const { name, board, sequence, minimum, room, now } = receiver;
	if (release.name !== name)
		throw new UpdateError("wrong-name", `release ${release.version} is of "${release.name}", this is "${name}"`);
	const image = Object.hasOwn(release.images, board) ? release.images[board] : undefined;
	if (!image) {
		const boards = Object.keys(release.images).join(", ");
		throw new UpdateError("wrong-board", `release ${release.version} is for ${boards}, not for ${board}`);
	}
	if (image.size > room)
		throw new UpdateError("too-large", `release ${release.version} has ${image.size} bytes, the slot ${room}`);
	if (release.sequence <= sequence)
		throw new UpdateError(
			"replay",
			`release ${release.version} has sequence number ${release.sequence}, expected more than ${sequence}`,
		);
	if (compareVersions(release.version, minimum) < 0)
		throw new UpdateError("downgrade", `release ${release.version} is below ${minimum}, the lowest that may run here`);
	if (now === undefined) throw new UpdateError("no-time", "release: the clock is not set, it may have expired");
	if (now >= release.expires)
		throw new UpdateError(
			"expired",
			`release ${release.version} expired at ${new Date(release.expires * 1000).toISOString()}`,
		);
	return image;
}
