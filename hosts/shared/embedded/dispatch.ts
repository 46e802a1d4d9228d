import { type HostValue, listen } from "vagalume:host";

/** Takes the events of one handle. */
export interface EventTarget {
	onEvent(event: number, a: HostValue, b: HostValue, c: HostValue): void;
}

/** Made at the first use: a machine's own, not the ROM's. */
let targets: Map<number, EventTarget> | undefined;

/** Joins events of `handle` to `target`, which stays alive until `detach` (ECMA-419 §8: no collection before `close`). */
export function attach(handle: number, target: EventTarget): void {
	if (!targets) {
		targets = new Map();
		listen(deliver);
	}
	targets.set(handle, target);
}

/** Events of `handle` that are still on their way are dropped. */
export function detach(handle: number): void {
	targets?.delete(handle);
}

function deliver(handle: number, event: number, a: HostValue, b: HostValue, c: HostValue): void {
	targets?.get(handle)?.onEvent(event, a, b, c);
}
