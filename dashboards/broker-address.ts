import { problemOfBroker } from "../modules/description/validate";

/** Where clients connect to. */
export interface BrokerAddress {
	readonly scheme: "mqtt" | "mqtts" | "ws" | "wss";
	readonly host: string;
	readonly port: number;
	/** Of a WebSocket: `/mqtt`; empty when there is none. */
	readonly path: string;
	readonly tls: boolean;
	readonly webSocket: boolean;
	readonly url: string;
}

const PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const;

/**
 * Reads the URL of a broker. Throws RangeError on a wrong one, and on one with a user or a password: what is generated here is
 * kept, shared and imported elsewhere.
 */
export function brokerAddress(url: string): BrokerAddress {
	const secret = /^(\w+:\/\/)[^/]*@/.exec(url);
	if (secret)
		throw new RangeError(`${secret[1]}...@ has a user or password: enter these in the client, not in its files`);
	const problem = problemOfBroker(url);
	if (problem) throw new RangeError(problem);
	const [, scheme, host, port, path = ""] = /^(mqtts?|wss?):\/\/(\[[^\]]*\]|[^:/]*)(?::(\d+))?(\/.*)?$/.exec(url)!;
	const name = scheme as keyof typeof PORTS;
	const address = {
		scheme: name,
		host: host!,
		port: port === undefined ? PORTS[name] : Number(port),
		path: path === "/" && name.startsWith("mqtt") ? "" : path,
		tls: name.endsWith("s") && name !== "ws",
		webSocket: name.startsWith("ws"),
	};
	return { ...address, url: `${name}://${address.host}:${address.port}${address.path}` };
}
