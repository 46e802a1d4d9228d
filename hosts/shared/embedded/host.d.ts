/** The seam below the desktop's ECMA-419 host: only files of this folder import it. Provided by hosts/desktop/engine. */
declare module "vagalume:host" {
	export type HostValue = undefined | null | boolean | number | string | ArrayBuffer;
	type Bytes = ArrayBuffer | ArrayBufferView;

	/**
	 * Calls the host (`Machine` option `host`), synchronously. Buffers and views are copied; of a view, the part that it shows.
	 * @throws the Error that the host threw, with its `code`; TypeError for an argument that cannot go (objects, functions, ...)
	 */
	export function call(operation: number, ...values: (HostValue | ArrayBufferView)[]): HostValue;

	/**
	 * As call, for a host that returns bytes: they are copied to the beginning of target. No garbage.
	 * @returns the number of bytes; `undefined` when the host returned `undefined`
	 * @throws RangeError when they do not fit
	 */
	export function callInto(
		target: Bytes,
		operation: number,
		...values: (HostValue | ArrayBufferView)[]
	): number | undefined;

	/** Registers the one receiver of events. Once; a preloaded module may do it for all machines. @throws Error the second time */
	export function listen(
		callback: (handle: number, event: number, a: HostValue, b: HostValue, c: HostValue) => void,
	): void;

	/** Compute units used since the machine began. */
	export function meter(): number;

	/**
	 * A figure of the heap, in bytes as on the board; makes no garbage. 0 heap, 1 stack, 2 slots, 3 slots' peak, 4 chunks,
	 * 5 chunks' peak, 6 reserved of the heap; 7 garbage collections; 8 the stack's peak, in slots; 9 keys; 10 compute units.
	 * @throws RangeError for any other index
	 */
	export function memory(index: number): number;

	/** Sets, if an offset is given, and returns the seconds east of UTC of local dates. */
	export function timezone(seconds?: number): number;
}
