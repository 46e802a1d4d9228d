import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTLS } from "node:tls";
import { createWebSocketStream, WebSocket } from "ws";
import { describe } from "../hosts/shared/services/network-error";

/** Where a node found the broker. */
export interface BrokerPlace {
	readonly address: string;
	readonly port: number;
	readonly secure: boolean;
	/** What its certificate must carry. */
	readonly serverName?: string | undefined;
}

const PORTS: Readonly<Record<string, number>> = { "mqtt:": 1883, "mqtts:": 8883, "ws:": 80, "wss:": 443 };

/**
 * A connection for MQTT to the broker at `url` (mqtt, mqtts, ws or wss); what goes wrong is the stream's error.
 * @param ca PEM of the authority that signed the broker's certificate; the system's own when omitted.
 */
export function openBroker(url: string, ca?: string): Duplex {
	const { protocol } = new URL(url);
	if (protocol === "ws:" || protocol === "wss:") {
		const socket = new WebSocket(url, ["mqtt"], { ca });
		return createWebSocketStream(socket);
	}
	const { address, port } = peerOf(url);
	const to = { host: address, port };
	return protocol === "mqtts:"
		? connectTLS({ ...to, ca, servername: isIP(address) === 0 ? address : "" })
		: connect(to);
}

/** What went wrong with a connection to the broker at `url`: where, and what, in the words that the firmware gets. */
export function brokerTrouble(url: string, error: Error): string {
	return describe(error, peerOf(url)).message;
}

function peerOf(url: string): { address: string; port: number } {
	const { protocol, hostname, port } = new URL(url);
	return { address: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || PORTS[protocol]! };
}

/** The same to where a node found it: over TCP, or TLS. */
export function openBrokerAt({ address, port, secure, serverName = "" }: BrokerPlace, ca?: string): Duplex {
	const to = { host: address, port };
	return secure ? connectTLS({ ...to, ca, servername: isIP(serverName) === 0 ? serverName : "" }) : connect(to);
}
