import { jsonObject } from "../output/payload";
import { decodeBase64url } from "../update/base64url";

/** Characters of a token: CONNECT carries it whole. */
export const LONGEST_TOKEN = 2048;
/** Seconds: what lives less could only be renewed all the time. */
export const SHORTEST_LIFE = 10;
/** Seconds: what lives longer is renewed after so long all the same, before the difference of two ticks wraps. */
export const LONGEST_LIFE = 2_000_000;
const MEMBERS = Object.freeze(["access_token", "token_type", "expires_in", "error"]);

/** A token, and how long it is good for. */
export interface Granted {
	readonly token: string;
	/** Seconds. */
	readonly life: number;
}

/**
 * Reads the answer of a token endpoint (RFC 6749 §5).
 *
 * @param now seconds since 1970, when the clock was set
 * @throws Error that says what is wrong with it; nothing of a token is in it
 */
export function readAnswer(status: number, text: string, now: number | undefined): Granted {
	const answer = membersOf(text);
	if (status !== 200) throw new Error(`HTTP ${status}${codeOf(answer?.error)}`);
	if (!answer) throw new Error("its answer is no JSON object");
	const { access_token: token, token_type: type = "Bearer", expires_in: life } = answer;
	if (answer.error !== undefined) throw new Error(`it refused${codeOf(answer.error)}`);
	if (typeof token !== "string" || token === "") throw new Error('its answer has no "access_token"');
	if (token.length > LONGEST_TOKEN)
		throw new Error(`its token has ${token.length} characters, at most ${LONGEST_TOKEN} are taken`);
	if (!/^[ -~]+$/.test(token)) throw new Error("its token has characters that are not printable ASCII");
	if (typeof type !== "string" || type.toLowerCase() !== "bearer") throw new Error('"token_type" is not Bearer');
	const seconds = life === undefined ? (lifeOf(token, now) ?? LONGEST_LIFE) : Number(life);
	if (!(seconds >= SHORTEST_LIFE)) {
		const what = Number.isFinite(seconds) ? `lives ${Math.round(seconds)} s` : '"expires_in" is no number of seconds';
		throw new Error(`its token ${what}, expected ${SHORTEST_LIFE} s or more`);
	}
	return { token, life: Math.min(seconds, LONGEST_LIFE) };
}

function membersOf(text: string): Readonly<Record<string, unknown>> | undefined {
	try {
		return jsonObject(text, MEMBERS).members;
	} catch {
		// What it says of the text may be a piece of a token.
		return undefined;
	}
}

/** An error code of RFC 6749 §5.2, for people. */
function codeOf(error: unknown): string {
	return typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? `: ${error}` : "";
}

/** Seconds that a JWT says it lives (RFC 7519 §4.1.4): a hint only, nobody has checked it. Undefined when it says nothing. */
function lifeOf(token: string, now: number | undefined): number | undefined {
	const start = token.indexOf(".") + 1;
	const end = token.indexOf(".", start);
	const bytes = start > 0 && end > start ? decodeBase64url(token, start, end) : undefined;
	if (!bytes) return undefined;
	let claims: string;
	try {
		claims = String.fromArrayBuffer(bytes.buffer as ArrayBuffer);
	} catch {
		return undefined;
	}
	const [, expiry] = /"exp"\s*:\s*(\d{1,12})/.exec(claims) ?? [];
	const [, issued] = /"iat"\s*:\s*(\d{1,12})/.exec(claims) ?? [];
	const from = now ?? (issued === undefined ? undefined : Number(issued));
	return expiry === undefined || from === undefined ? undefined : Number(expiry) - from;
}
