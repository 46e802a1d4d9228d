// ECMA-419 §26 to §29: key-value, flash, update.

declare module "embedded:storage/key-value" {
	export type KeyValueFormat =
		| "buffer"
		| "string"
		| "uint8"
		| "int8"
		| "uint16"
		| "int16"
		| "uint32"
		| "int32"
		| "uint64"
		| "int64";
	export type KeyValue = ArrayBuffer | string | number | bigint;
	/** ECMA-419: Key-Value Domain. NVS's limits: path and key of 1 to 15 bytes. */
	export interface Domain {
		/** The value, which must have been written in the current format (else TypeError); `undefined` when there is none. */
		read(key: string): KeyValue | undefined;
		read(key: string, buffer: ByteBuffer): number | undefined;
		write(key: string, value: ByteBuffer | string | number | bigint): void;
		delete(key: string): void;
		close(): void;
		[Symbol.iterator](): IterableIterator<string>;
		format: KeyValueFormat;
	}
	export interface KeyValueStorage {
		open(options: { path: string; mode?: "r" | "r+"; format?: KeyValueFormat }): Domain;
	}
	const keyValue: KeyValueStorage;
	export default keyValue;
}

declare module "embedded:storage/flash" {
	export interface FlashStatus {
		size: number;
		blockLength: number;
		blocks: number;
		eraseValue: number;
		writeAlign: number;
	}
	/** ECMA-419: Flash Partition. */
	export interface Partition {
		status(): FlashStatus;
		eraseBlock(from: number, to?: number): void;
		read(byteLength: number, byteOffset: number): ArrayBuffer;
		read(buffer: ByteBuffer, byteOffset: number): number;
		write(buffer: ByteBuffer, byteOffset: number): void;
		close(): void;
		format: "buffer";
	}
	export interface FlashStorage {
		open(options: { path: string; mode?: "r" | "r+"; format?: "buffer" }): Partition;
		[Symbol.iterator](): IterableIterator<string>;
	}
	const flash: FlashStorage;
	export default flash;
}

declare module "embedded:update" {
	import type { Partition } from "embedded:storage/flash";
	export interface Update {
		write(buffer: ByteBuffer, byteOffset?: number): void;
		complete(): void;
		close(): void;
		format: "buffer";
	}
	export interface UpdateModule {
		open(options: { partition: Partition; mode?: "a" | "w"; byteLength?: number }): Update;
	}
	const update: UpdateModule;
	export default update;
}
