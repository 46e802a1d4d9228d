import { LONGEST_URL } from "../description/http-address";
import { messageOf } from "../log/log";
import type { IncomingMessage } from "../node/messenger";
import { jsonObject, orderText } from "../output/payload";
import { UpdateError } from "./error";
import { MAXIMUM_LENGTH } from "./release";

/** Its members, when it is a JSON object. */
export const MEMBERS = Object.freeze(["release", "url"]);
/** Characters: a release and a URL, and room around them. */
export const LONGEST_ANNOUNCEMENT = MAXIMUM_LENGTH + LONGEST_URL + 128;

/** What is announced: nothing of it is checked yet. */
export interface Announcement {
	/** The signed release. */
	readonly release: string;
	/** Where its image is; undefined: the owner sends it by the broker. */
	readonly url?: unknown;
}

/**
 * A message on `<base>/update/available`: the signed release as it is, or a JSON object with it and a URL. Undefined for an
 * empty one, which takes a retained announcement away.
 *
 * @throws UpdateError: `malformed`
 */
export function announcementOf({ topic, payload }: IncomingMessage): Announcement | undefined {
	try {
		const text = orderText({ topic, payload, retain: false }, LONGEST_ANNOUNCEMENT);
		if (text === "") return undefined;
		if (text[0] !== "{") return { release: text };
		const { release, url } = jsonObject(text, MEMBERS).members;
		if (typeof release !== "string") throw new Error('announcement: "release" is no text');
		return { release, url };
	} catch (error) {
		throw new UpdateError("malformed", messageOf(error));
	}
}
