/** Stands for `vagalume:host` in Node: calls go to `bench.host`, events come from its machine. */
import type { HostValue } from "../../hosts/shared/host-value";

type Argument = HostValue | ArrayBufferView;
type Listener = (handle: number, event: number, a: HostValue, b: HostValue, c: HostValue) => void;

export const stage: { call?: (operation: number, ...args: HostValue[]) => HostValue; listener?: Listener } = {};

function copy(value: Argument): HostValue {
	if (ArrayBuffer.isView(value))
		return value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer;
	return value instanceof ArrayBuffer ? value.slice(0) : (value as HostValue);
}

export function call(operation: number, ...args: Argument[]): HostValue {
	if (!stage.call) throw new Error("no host");
	const result = stage.call(operation, ...args.map(copy));
	return result instanceof Uint8Array ? (Uint8Array.prototype.slice.call(result).buffer as ArrayBuffer) : result;
}

export function callInto(
	target: ArrayBuffer | ArrayBufferView,
	operation: number,
	...args: Argument[]
): number | undefined {
	const result = stage.call?.(operation, ...args.map(copy));
	if (result === undefined) return undefined;
	const source = result as Uint8Array;
	const bytes = ArrayBuffer.isView(target)
		? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
		: new Uint8Array(target);
	bytes.set(source);
	return source.byteLength;
}

export function listen(callback: Listener): void {
	stage.listener = callback;
}

export const meter = () => 0;
export const memory = () => 0;
export const timezone = () => 0;
