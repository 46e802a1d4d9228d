/** `vagalume:host` of this host: calls go to services in the same machine. Relative imports would fail under that name. */
import { getBelow, type Listener, setListener } from "hosts/moddable/stage";
import type { HostValue } from "../shared/host-value";

type Bytes = ArrayBuffer | ArrayBufferView;
type Argument = HostValue | ArrayBufferView;

/** Views as buffers of their own, as the engine of the desktop host passes them. */
function passed(value: Argument): HostValue {
	return ArrayBuffer.isView(value) ? copyOf(viewOf(value)) : (value as HostValue);
}

function viewOf(bytes: Bytes): Uint8Array {
	return ArrayBuffer.isView(bytes)
		? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
		: new Uint8Array(bytes);
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
	return Uint8Array.from(bytes).buffer as ArrayBuffer;
}

export function call(operation: number, ...values: Argument[]): HostValue {
	const result = getBelow().call(operation, ...values.map(passed));
	return result instanceof Uint8Array ? copyOf(result) : result;
}

export function callInto(target: Bytes, operation: number, ...values: Argument[]): number | undefined {
	const result = getBelow().call(operation, ...values.map(passed));
	if (result === undefined) return undefined;
	const bytes = viewOf(result as ArrayBuffer | Uint8Array);
	const into = viewOf(target);
	if (bytes.length > into.length) throw new RangeError(`${bytes.length} bytes do not fit into ${into.length}`);
	into.set(bytes);
	return bytes.length;
}

export function listen(callback: Listener): void {
	setListener(callback);
}

/** Nothing is metered here. */
export function meter(): number {
	return 0;
}

export function memory(index: number): number {
	return getBelow().memory(index);
}

/** Local dates are the computer's here; what the firmware sets is kept by `time`. */
export function timezone(): number {
	return 0;
}
