import type { HTTPError } from "embedded:network/http/client";
import { quote } from "./fields";

export function httpError(code: string, message: string): HTTPError {
	return Object.assign(new Error(message), { code });
}

/** The server breaks HTTP/1.1. `text`: its own words. */
export function protocolError(message: string, text?: string): HTTPError {
	return httpError("EPROTOCOL", text === undefined ? message : `${message}: "${quote(text)}"`);
}
