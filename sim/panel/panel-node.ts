import type { NodeDescription } from "../../modules/description/description";
import type { Workbench } from "../board/workbench";
import type { SeenPacket } from "../message-log";
import type { World } from "../world/world";

/** What a node tells while it runs. `date` is node time, ms since 1970. */
export type NodeEvent =
	| { readonly type: "log"; readonly date: number; readonly level: string; readonly text: string }
	| { readonly type: "packet"; readonly date: number; readonly packet: SeenPacket }
	| {
			readonly type: "power";
			readonly on: boolean /** Why: `power cut`, `memory full`, ... */;
			readonly reason?: string;
	  };

/** The Wi-Fi at one node. */
export interface PanelWifi {
	/** Packets pass. */
	readonly up: boolean;
	/** What the node hears, in dBm; undefined while it hears nothing. */
	readonly RSSI: number | undefined;
	/** The network goes: connections stay half-open. */
	down(): void;
	restore(): void;
	/** -100..-20 dBm */
	setSignal(dBm: number): void;
}

/** What lies between a node and its broker. */
export interface PanelLine {
	/** ms, one way */
	readonly latency: number;
	/** Percent of the packets. */
	readonly loss: number;
	readonly reachable: boolean;
	/** Throws RangeError, and changes nothing, when a figure is out of its range. */
	change(change: { latency?: number | undefined; loss?: number | undefined; reachable?: boolean | undefined }): void;
}

/** How fast time goes, for all nodes of a simulation. */
export interface PanelPace {
	/** ms of node time in a ms of the wall clock. */
	readonly pace: number;
	/** 1..60. Throws RangeError. */
	setPace(pace: number): void;
}

/** A running node as the panel needs it: what it shows, and what a hand on the desk could do to it. */
export interface PanelNode {
	readonly id: string;
	readonly description: NodeDescription;
	readonly workbench: Workbench;
	readonly world: World;
	readonly wifi: PanelWifi;
	readonly line: PanelLine;
	/** Undefined in virtual time. */
	readonly time?: PanelPace | undefined;
	/** It has power and has not crashed. */
	readonly on: boolean;
	powerCut(): void;
	powerOn(): void;
	/** `power-on`: the reset button; `brown-out`: the supply was too low for a moment. */
	reset(reason?: "power-on" | "brown-out"): void;
	/**
	 * Bytes, as on the 32-bit board: in use, at most so far, and the limit; units of the engine's meter since it booted.
	 * Undefined while it is off.
	 */
	statistics(): { used: number; peak: number; heap: number; compute: number } | undefined;
	/** Node time, ms since 1970. */
	date(): number;
	/** Calls `listener` at each event; returns what ends that. */
	subscribe(listener: (event: NodeEvent) => void): () => void;
	/** Publishes at the embedded broker; undefined when a broker elsewhere is used. */
	readonly order?: ((topic: string, payload: string) => void) | undefined;
}
