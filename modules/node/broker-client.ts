import type { Device } from "embedded:provider/builtin";
import { serviceOf } from "../description/broker-discovery";
import { type FoundPlace, FoundSocket, ServiceFinder } from "../discovery/service-finder";
import type { Log } from "../log/log";
import type { MQTTClientOptions } from "../mqtt/options";
import { WebSocketSocket } from "../mqtt/transport/websocket-socket";
import { trusting } from "../network/trusting";
import type { Settings } from "../system/system";
import type { BrokerAddress } from "./configuration";

type ClientOptions = Pick<MQTTClientOptions, "socket" | "dns">;

/**
 * Constructor options of the MQTT client for this broker: over TCP, TLS, or WebSocket on either; at a place that
 * is known, or found for each connection.
 *
 * @param place where a broker is found that is to be discovered
 * @throws Error: the broker wants WebSocket, or is to be discovered, and the host has nothing for it
 */
export function clientOf(
	{ network }: Device,
	settings: Settings,
	broker: BrokerAddress,
	place: FoundPlace,
	log: Log,
): ClientOptions {
	const { secure, host, path, discover } = broker;
	const { client } = secure ? network.mqtts : network.mqtt;
	if (discover) {
		const { dnssd } = network;
		if (!dnssd) throw new Error("broker.discover: this host has no DNS-SD, use broker.url");
		const inner = secure ? trusting(client.socket, settings, host) : client.socket;
		const finder = { io: ServiceFinder, dnssd, serviceType: serviceOf(discover), instance: discover.name, place, log };
		return {
			...client,
			dns: finder as never,
			socket: { io: FoundSocket as never, place, inner, serverName: discover.host },
		};
	}
	if (path === undefined) return secure ? { ...client, socket: trusting(client.socket, settings, host) } : client;
	const websocket = (secure ? network.wss : network.ws)?.client;
	if (!websocket) throw new Error("broker.url: this host has no WebSocket, use mqtt:// or mqtts://");
	const socket = secure ? trusting(websocket.socket, settings, host) : websocket.socket;
	return { ...client, socket: { io: WebSocketSocket, path, websocket: { ...websocket, socket } } };
}
