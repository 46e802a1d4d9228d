import type { Device } from "embedded:provider/builtin";
import type { MQTTClientOptions } from "../mqtt/options";
import { WebSocketSocket } from "../mqtt/transport/websocket-socket";
import { trusting } from "../network/trusting";
import type { Settings } from "../system/system";
import type { BrokerAddress } from "./configuration";

type ClientOptions = Pick<MQTTClientOptions, "socket" | "dns">;

/**
 * Constructor options of the MQTT client for this broker: over TCP, TLS, or WebSocket on either.
 *
 * @throws Error: the broker wants WebSocket, and the host has none
 */
export function clientOf({ network }: Device, settings: Settings, broker: BrokerAddress): ClientOptions {
	const { secure, host, path } = broker;
	const { client } = secure ? network.mqtts : network.mqtt;
	if (path === undefined) return secure ? { ...client, socket: trusting(client.socket, settings, host) } : client;
	const websocket = (secure ? network.wss : network.ws)?.client;
	if (!websocket) throw new Error("broker.url: this host has no WebSocket, use mqtt:// or mqtts://");
	const socket = secure ? trusting(websocket.socket, settings, host) : websocket.socket;
	return { ...client, socket: { io: WebSocketSocket, path, websocket: { ...websocket, socket } } };
}
