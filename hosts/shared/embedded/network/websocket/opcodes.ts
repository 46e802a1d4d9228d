/** RFC 6455 §11.8 and §7.4.1: opcodes, and the status codes that this client sends. */
export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

export const PROTOCOL_ERROR = 1002;
export const INVALID_TEXT = 1007;
export const TOO_BIG = 1009;

/** The longest payload of a control frame (RFC 6455 §5.5). */
export const LONGEST_CONTROL = 125;

/** May an endpoint send this status code? (RFC 6455 §7.4, and the registry of IANA) */
export function isStatusCode(code: number): boolean {
	if (code >= 3000) return code <= 4999;
	return code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006);
}
