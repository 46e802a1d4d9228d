import type { WebSocketClientOptions } from "embedded:network/websocket/client";
import { getString } from "../../options";
import { type Connection, checkConnection } from "../connection-options";
import { fieldLines, isToken } from "../http/fields";

const OWNER = "WebSocketClient";

/** What a connection needs, checked. */
export interface Checked
	extends Connection<NonNullable<WebSocketClientOptions["socket"]>, NonNullable<WebSocketClientOptions["dns"]>> {
	readonly path: string;
	/** Subprotocols that are offered. */
	readonly protocols: readonly string[];
	/** Further lines of the request. */
	readonly headers: readonly string[];
}

/** The handshake's own headers; in lower case. */
function isReserved(name: string): boolean {
	return /^(host|upgrade|connection|content-length|transfer-encoding|sec-websocket-.*)$/.test(name);
}

/** Throws an error that names the option. */
export function checkHandshake(options: WebSocketClientOptions): Checked {
	const connection = checkConnection(OWNER, options);
	const path = getString(OWNER, "path", options.path) ?? "/";
	if (!/^\/[!-~]*$/.test(path) || path.includes("#"))
		throw new RangeError(`${OWNER}: path "${path}" is not a path of printable ASCII that begins with /`);
	const headers = fieldLines(OWNER, options.headers, isReserved);
	return { ...connection, path, protocols: checkProtocols(options.protocol), headers };
}

function checkProtocols(value: unknown): string[] {
	// The standard's default is an empty string.
	if (value === undefined || value === "") return [];
	const protocols = String(value)
		.split(",")
		.map((name) => name.trim());
	protocols.forEach((name, index) => {
		if (!isToken(name)) throw new RangeError(`${OWNER}: protocol "${name}" is not a name`);
		if (protocols.indexOf(name) < index) throw new RangeError(`${OWNER}: protocol "${name}" is there twice`);
	});
	return protocols;
}
