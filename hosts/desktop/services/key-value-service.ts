import type { HostValue } from "../engine/index";
import type { Service } from "../host";
import { KEY_VALUE_FORMATS, StorageOperation } from "../operations/storage";
import { KeyValueStore } from "./key-value-store";

interface Integer {
	readonly byteLength: number;
	write(bytes: Buffer, value: number | bigint): void;
	read(bytes: Buffer): number | string;
}

const INTEGERS: Readonly<Record<string, Integer>> = {
	uint8: {
		byteLength: 1,
		write: (bytes, value) => bytes.writeUInt8(Number(value)),
		read: (bytes) => bytes.readUInt8(),
	},
	int8: { byteLength: 1, write: (bytes, value) => bytes.writeInt8(Number(value)), read: (bytes) => bytes.readInt8() },
	uint16: {
		byteLength: 2,
		write: (bytes, value) => bytes.writeUInt16LE(Number(value)),
		read: (bytes) => bytes.readUInt16LE(),
	},
	int16: {
		byteLength: 2,
		write: (bytes, value) => bytes.writeInt16LE(Number(value)),
		read: (bytes) => bytes.readInt16LE(),
	},
	uint32: {
		byteLength: 4,
		write: (bytes, value) => bytes.writeUInt32LE(Number(value)),
		read: (bytes) => bytes.readUInt32LE(),
	},
	int32: {
		byteLength: 4,
		write: (bytes, value) => bytes.writeInt32LE(Number(value)),
		read: (bytes) => bytes.readInt32LE(),
	},
	uint64: {
		byteLength: 8,
		write: (bytes, value) => bytes.writeBigUInt64LE(BigInt(value)),
		read: (bytes) => String(bytes.readBigUInt64LE()),
	},
	int64: {
		byteLength: 8,
		write: (bytes, value) => bytes.writeBigInt64LE(BigInt(value)),
		read: (bytes) => String(bytes.readBigInt64LE()),
	},
};

/** Key-value storage in files. */
export const keyValueService: Service = (context) => {
	const store = new KeyValueStore(context.storage, context.log);
	const iterators = new Map<number, Iterator<string>>();
	let iterator = 0;

	return {
		operations: {
			[StorageOperation.keyValueOpen]: (domain: string) => store.has(domain),
			[StorageOperation.keyValueFormat]: (domain: string, key: string) => store.read(domain, key)?.format,
			[StorageOperation.keyValueRead]: (domain: string, key: string) => {
				const value = store.read(domain, key);
				return value && fromBytes(value.format, value.bytes);
			},
			[StorageOperation.keyValueWrite]: (domain: string, key: string, format: number, value: HostValue) =>
				store.write(domain, key, format, toBytes(format, value)),
			[StorageOperation.keyValueDelete]: (domain: string, key: string) => store.delete(domain, key),
			[StorageOperation.keyValueKeys]: (domain: string) => {
				iterators.set(++iterator, store.keys(domain).values());
				return iterator;
			},
			[StorageOperation.keyValueNext]: (handle: number) => {
				const next = iterators.get(handle)?.next();
				if (!next || next.done) {
					iterators.delete(handle);
					return undefined;
				}
				return next.value;
			},
			[StorageOperation.keyValueEnd]: (handle: number) => {
				iterators.delete(handle);
			},
		},
		close() {
			iterators.clear();
		},
	};
};

function toBytes(format: number, value: HostValue): Uint8Array {
	const integer = INTEGERS[KEY_VALUE_FORMATS[format]!];
	if (integer) {
		const bytes = Buffer.alloc(integer.byteLength);
		integer.write(bytes, typeof value === "string" ? BigInt(value) : (value as number));
		return bytes;
	}
	return typeof value === "string" ? Buffer.from(value) : new Uint8Array(value as ArrayBuffer);
}

function fromBytes(format: number, bytes: Uint8Array): HostValue {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const integer = INTEGERS[KEY_VALUE_FORMATS[format]!];
	if (integer) return integer.read(buffer);
	return KEY_VALUE_FORMATS[format] === "string" ? buffer.toString() : bytes;
}
