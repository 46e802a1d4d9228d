import type { Service } from "../host";
import type { HostValue } from "../host-value";
import { KEY_VALUE_FORMATS, StorageOperation } from "../operations/storage";
import { decodeText, encodeText } from "../utf8";
import { KeyValueStore } from "./key-value-store";

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

/** Bits of an integer format, and whether it has a sign; undefined for texts and buffers. */
function integer(format: number): { bits: number; signed: boolean } | undefined {
	const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(KEY_VALUE_FORMATS[format]!) ?? [];
	return bits === undefined ? undefined : { bits: Number(bits), signed: unsigned === "" };
}

/** As NVS keeps them: little-endian. 64-bit integers come and go as decimal texts. */
function toBytes(format: number, value: HostValue): Uint8Array {
	const kind = integer(format);
	if (!kind) return typeof value === "string" ? encodeText(value) : new Uint8Array(value as ArrayBuffer);
	const view = new DataView(new ArrayBuffer(kind.bits / 8));
	if (kind.bits === 64) view.setBigUint64(0, BigInt.asUintN(64, BigInt(value as string)), true);
	else if (kind.bits === 32) view.setUint32(0, value as number, true);
	else if (kind.bits === 16) view.setUint16(0, value as number, true);
	else view.setUint8(0, value as number);
	return new Uint8Array(view.buffer);
}

function fromBytes(format: number, bytes: Uint8Array): HostValue {
	const kind = integer(format);
	if (!kind) return KEY_VALUE_FORMATS[format] === "string" ? decodeText(bytes) : bytes;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const { bits, signed } = kind;
	if (bits === 64) return String(signed ? view.getBigInt64(0, true) : view.getBigUint64(0, true));
	if (bits === 32) return signed ? view.getInt32(0, true) : view.getUint32(0, true);
	if (bits === 16) return signed ? view.getInt16(0, true) : view.getUint16(0, true);
	return signed ? view.getInt8(0) : view.getUint8(0);
}
