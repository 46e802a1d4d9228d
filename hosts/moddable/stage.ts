/** What stands behind `vagalume:host`: set before the firmware's first line runs. A module of its own, for who sets it and who uses it. */
import type { HostValue } from "../shared/host-value";

export type Listener = (handle: number, event: number, a: HostValue, b: HostValue, c: HostValue) => void;

export interface Below {
	call(operation: number, ...values: HostValue[]): HostValue;
	memory(index: number): number;
}

let below: Below | undefined;
let listener: Listener | undefined;

export function setBelow(host: Below): void {
	below = host;
}

export function getBelow(): Below {
	if (!below) throw new Error("vagalume:host: nothing stands behind it (setup/world did not run)");
	return below;
}

export function setListener(callback: Listener): void {
	if (listener) throw new Error("vagalume:host: there is a listener");
	listener = callback;
}

/** An event for the firmware. */
export function dispatch(handle: number, event: number, a?: HostValue, b?: HostValue, c?: HostValue): void {
	listener?.(handle, event, a, b, c);
}
