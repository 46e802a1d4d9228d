import { checkOptions, getInteger, requireString } from "../options";

/** What HTTP and WebSocket clients are given to make their connection. */
interface ConnectionOptions<Socket, Names> {
	readonly socket?: Socket;
	readonly dns?: Names;
	readonly host?: string;
	readonly port?: number;
}
/** The same, checked. */
export interface Connection<Socket, Names> {
	readonly socket: Socket;
	readonly dns: Names;
	readonly host: string;
	readonly port: number;
}

/** Socket, resolver, host and port (80 when omitted). Throws an error that names class and option. */
export function checkConnection<Socket extends { io: unknown }, Names extends { io: unknown }>(
	owner: string,
	options: ConnectionOptions<Socket, Names>,
): Connection<Socket, Names> {
	checkOptions(owner, options);
	const { socket, dns } = options;
	if (typeof socket?.io !== "function") throw new TypeError(`${owner}: socket is required: TCP options with io`);
	if (typeof dns?.io !== "function") throw new TypeError(`${owner}: dns is required: resolver options with io`);
	const host = requireString(owner, "host", options.host);
	if (!/^[!-~]+$/.test(host) || /[/?#@]/.test(host)) throw new RangeError(`${owner}: host "${host}" is not a name`);
	return { socket, dns, host, port: getInteger(owner, "port", options.port, 1, 65535) ?? 80 };
}
