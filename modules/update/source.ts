import type { UpdateError } from "./error";

/** Bytes that a node asks for at once: of them the flash's blocks are made up. */
export const BLOCK = 2048;

/** Where an image comes from, until it is closed. */
export interface ImageSource {
	close(): void;
}

export interface SourceOptions {
	/** Bytes of the image. */
	readonly size: number;
	/** Where to begin. */
	readonly offset: number;
	/** The next bytes, in order: BLOCK of them, or the last ones; valid only during the call. It may close the source. */
	onBlock(bytes: Uint8Array): void;
	/** Before something that was not answered is asked for again. It may close the source. */
	onWait(): void;
	/** What is asked for again, and why. */
	onTrouble(why: string): void;
	/** It cannot come; the source is closed. */
	onRefuse(error: UpdateError): void;
}
