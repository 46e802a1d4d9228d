/** Numbered messages: what both ends of the chaos test send. Used inside XS, too. */

export const OUT_TOPIC = "chaos/node/out";
export const IN_TOPIC = "chaos/node/in";

/**
 * The payload of message `number`: its number, a colon, filler. One of 16 has 600 to 1,500 bytes: more than the receive
 * buffer of the client holds; the others have 2 to 40.
 */
export function payloadOf(number: number): string {
	const hash = Math.imul(number, 0x9e3779b1) >>> 0;
	const size = hash >>> 28 === 0 ? 600 + (hash % 900) : hash % 40;
	return `${number}:`.padEnd(size, String.fromCharCode(97 + (number % 26)));
}

/** The number of a message; 0 when its payload is not what `payloadOf` makes. */
export function numberOf(payload: string): number {
	const number = Number.parseInt(payload, 10);
	return number > 0 && payloadOf(number) === payload ? number : 0;
}
