import type { Broker } from "./broker";
import type { Traits } from "./traits";

/** A broker, an MQTT version and a transport. */
export interface Target {
	readonly version: 4 | 5;
	readonly transport: "TCP" | "TLS" | "WebSocket";
	readonly traits: Traits;
	readonly broker: () => Broker;
}
