import type { WebSocketClientOptions } from "embedded:network/websocket/client";
import { checkOptions, getInteger, getString, requireString } from "../../options";
import { fieldLines, isToken } from "../http/fields";

const OWNER = "WebSocketClient";

/** What a connection needs, checked. */
export interface Checked {
	readonly socket: NonNullable<WebSocketClientOptions["socket"]>;
	readonly dns: NonNullable<WebSocketClientOptions["dns"]>;
	readonly host: string;
	readonly port: number;
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
export function checkConnection(options: WebSocketClientOptions): Checked {
	checkOptions(OWNER, options);
	const { socket, dns } = options;
	if (typeof socket?.io !== "function") throw new TypeError(`${OWNER}: socket is required: TCP options with io`);
	if (typeof dns?.io !== "function") throw new TypeError(`${OWNER}: dns is required: resolver options with io`);
	const host = requireString(OWNER, "host", options.host);
	if (!/^[!-~]+$/.test(host) || /[/?#@]/.test(host)) throw new RangeError(`${OWNER}: host "${host}" is not a name`);
	const port = getInteger(OWNER, "port", options.port, 1, 65535) ?? 80;
	const path = getString(OWNER, "path", options.path) ?? "/";
	if (!/^\/[!-~]*$/.test(path) || path.includes("#"))
		throw new RangeError(`${OWNER}: path "${path}" is not a path of printable ASCII that begins with /`);
	const headers = fieldLines(OWNER, options.headers, isReserved);
	return { socket, dns, host, port, path, protocols: checkProtocols(options.protocol), headers };
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
