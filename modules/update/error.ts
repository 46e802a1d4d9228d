/** Why a release is not taken, for programs. The message says it for people. */
export type UpdateErrorCode =
	/** What came is no release: not in its form, or too long. */
	| "malformed"
	/** Signed by a key that this node was never told of. */
	| "unknown-key"
	/** Signed by a key that is trusted no more. */
	| "revoked-key"
	/** The signature is not that of what came. */
	| "signature"
	/** For another firmware. */
	| "wrong-name"
	/** It has no image for this board. */
	| "wrong-board"
	/** Its version is below the lowest that this node may run. */
	| "downgrade"
	/** Its sequence number is not above that of the running firmware. */
	| "replay"
	/** Its time is over. */
	| "expired"
	/** The node does not know the time yet. */
	| "no-time"
	/** The image does not fit its slot. */
	| "too-large"
	/** The announcement's URL is none, or is not of https. */
	| "url"
	/** The server at that URL has not the image that was signed. */
	| "download"
	/** What was downloaded is not the image that was signed. */
	| "hash"
	/** The image cannot be booted, or flash fails. */
	| "flash"
	/** The owner ended it. */
	| "aborted";

/** Thrown for a release that is not taken. */
export class UpdateError extends Error {
	override readonly name = "UpdateError";
	readonly code: UpdateErrorCode;

	constructor(code: UpdateErrorCode, message: string) {
		super(message);
		this.code = code;
	}
}
