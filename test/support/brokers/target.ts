import type { Broker } from "./broker";
import type { Traits } from "./traits";

/** A broker, an MQTT version and a transport. */
export interface Target {
	readonly version: 4 | 5;
	readonly transport: "TCP" | "TLS" | "WebSocket";
	readonly traits: Traits;
	readonly broker: () => Broker;
}

/** mosquitto 2.0 sends 41 KB a second over WebSocket, to any client: megabytes would take minutes. */
export const isSlow = (target: Target): boolean => target.transport === "WebSocket";
