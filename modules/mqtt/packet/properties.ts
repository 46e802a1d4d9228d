export interface Properties {
	[name: string]: unknown;
}
export function encodeProperties(_p: unknown, _w: number): Uint8Array {
	return new Uint8Array([0]);
}
