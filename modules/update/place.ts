import type { Device, HTTPOptions } from "embedded:provider/builtin";
import { addressOf, isPort, LONGEST_URL } from "../description/http-address";
import { trusting } from "../network/trusting";
import { UpdateError } from "./error";
import { imageFile } from "./image-file";

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
 * What an announcement's `url` stands for: a file, or, when its path ends with a slash, the folder of a release, in which the file
 * has the board's name. It is not signed, so nothing follows from it but where the bytes come from.
 *
 * @throws UpdateError: `url`, when it is none, is not of https and the owner did not allow that, or the host has no client
 */
export function placeOf(url: unknown, { network, system }: Device): Place {
	const wrong = (what: string) => new UpdateError("url", `url ${what}`);
	const address = addressOf(url);
	if (!address) throw wrong(`is no https://host/path of at most ${LONGEST_URL} characters`);
	const { secure, host, port, path } = address;
	if (!isPort(port)) throw wrong(`has port ${port}, expected 1..65535`);
	const { ca, updateOverHTTP } = system.settings;
	if (!secure && updateOverHTTP !== true)
		throw wrong("is http://, expected https:// (settings.updateOverHTTP allows it)");
	const client = (secure ? network.https : network.http)?.client;
	if (!client) throw wrong("needs an HTTP client, which this host has not");
	const folder = withoutQuery(path);
	const query = path.slice(folder.length);
	return {
		url: url as string,
		name: withoutQuery(url as string),
		host,
		port,
		path: folder.endsWith("/") ? `${folder}${imageFile(system.firmware!.target)}${query}` : path,
		client: secure ? { ...client, socket: trusting(client.socket, { ca }, host) } : client,
	};
}

export function withoutQuery(url: string): string {
	const at = url.indexOf("?");
	return at < 0 ? url : url.slice(0, at);
}
