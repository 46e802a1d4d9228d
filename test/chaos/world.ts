import type { Clock } from "../../hosts/shared/clock";
import type { Network } from "../../hosts/shared/services/network";
import type { Death } from "./broker-model";
import type { PlanScale } from "./plan";
import type { Wire } from "./wire";

/** What a run happens in: its time, its network, its broker. */
export interface World {
	readonly clock: Clock;
	readonly network: Network;
	/** Where the node finds the proxy. */
	readonly host: string;
	readonly port: number;
	/** 0..1: how much of the random part of a reconnect's delay the node uses. */
	readonly spread: number;
	/** s */
	readonly keepAlive: number;
	/** ms in which what is left of the last exchanges comes to its end, before a look at the heap. */
	readonly rest: number;
	/** How dense faults are, and how long they last. */
	readonly scale: PlanScale;
	/** ms of the node's time that a receiver of nonsense has to end the connection. */
	readonly patience: number;
	/** The broker ends a connection on which reserved flags come (MQTT-2.2.2-2). */
	readonly strict: boolean;
	/** The broker is right and forgets nothing. */
	readonly exact: boolean;
	/** A connection of the node. */
	onConnection: (wire: Wire) => void;
	start(): Promise<void>;
	/** A connection to the broker. */
	connect(): Wire | undefined;
	/** Gives the broker a message for the node. */
	publish(number: number, QoS: 1 | 2): void;
	/** The broker ends in order, and comes back `away` ms later. */
	restart(away: number): void;
	/** It is killed, and comes back. */
	kill(death: Death, away: number): void;
	/** The broker loses the node's session, and ends its connection. */
	lose(): void;
	/** How much of `milliseconds` of calm at the end it needs. */
	calm(milliseconds: number): number;
	/** Lets time pass until `over` says so. */
	wait(over: () => boolean): Promise<void>;
	close(): Promise<void>;
}
