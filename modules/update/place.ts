import type { Device, HTTPOptions } from "embedded:provider/builtin";
import { trusting } from "../node/broker-client";
import { UpdateError } from "./error";
import { imageFile, LONGEST_URL } from "./image-file";

/** Scheme, host (IPv6, or any other), port, path. In a function: a preloaded regular expression breaks the heap of XS 17.7. */
function partsOf(url: string): readonly (string | undefined)[] {
	return /^(https?):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?(\/[!-~]*)?$/.exec(url) ?? [];
}

/** Where an image is fetched from by HTTP. */
export interface Place {
	readonly url: string;
	/** Without its query, in which there may be a secret: for messages. */
	readonly name: string;
	readonly host: string;
	readonly port: number;
	/** With its query. */
	readonly path: string;
	/** Constructor options of the client. */
	readonly client: HTTPOptions;
}

/**
 * What an announcement's `url` stands for: a file, or, when it ends with a slash, the folder of a release, in which the file
 * has the board's name. It is not signed, so nothing follows from it but where the bytes come from.
 *
 * @throws UpdateError: `url`, when it is none, is not of https and the owner did not allow that, or the host has no client
 */
export function placeOf(url: unknown, { network, system }: Device): Place {
	const [, scheme, bracketed, plain, digits, path = "/"] = typeof url === "string" ? partsOf(url) : [];
	const wrong = (what: string) => new UpdateError("url", `url ${what}`);
	if (scheme === undefined || (url as string).length > LONGEST_URL || path.includes("#"))
		throw wrong(`is no https://host/path of at most ${LONGEST_URL} characters`);
	const secure = scheme === "https";
	const { ca, updateOverHTTP } = system.settings;
	if (!secure && updateOverHTTP !== true)
		throw wrong("is http://, expected https:// (settings.updateOverHTTP allows it)");
	const port = digits === undefined ? (secure ? 443 : 80) : Number(digits);
	if (port < 1 || port > 65_535) throw wrong(`has port ${digits}, expected 1..65535`);
	const client = (secure ? network.https : network.http)?.client;
	if (!client) throw wrong("needs an HTTP client, which this host has not");
	const host = (bracketed ?? plain) as string;
	return {
		url: url as string,
		name: withoutQuery(url as string),
		host,
		port,
		path: path.endsWith("/") ? `${path}${imageFile(system.firmware!.target)}` : path,
		client: secure ? { ...client, socket: trusting(client.socket, { ca }, host) } : client,
	};
}

export function withoutQuery(url: string): string {
	const at = url.indexOf("?");
	return at < 0 ? url : url.slice(0, at);
}
