import type { NodeContext, Service } from "../host";
import { StorageOperation } from "../operations/storage";
import { SystemOperation } from "../operations/system";
import { BootRecord, type Slot } from "./boot-record";
import { FirmwareUpdate } from "./firmware-update";
import { FlashStore, PARTITIONS, type PartitionEntry } from "./flash-store";

/** Of a host that runs the same firmware whatever the record says. */
function bootRecord({ storage, log }: NodeContext): BootRecord {
	const record = new BootRecord(storage, log);
	record.boot();
	return record;
}

/** Flash partitions, updates, and which firmware runs. */
export const flashService: Service = (context: NodeContext) => {
	const flash = new FlashStore(context.storage);
	const record = context.bootRecord ?? bootRecord(context);
	const updates = new Map<number, FirmwareUpdate>();
	let handle = 0;

	function label(path: string): string {
		if (path === "running") return record.running;
		return path === "nextota" ? record.next : path;
	}

	function partition(path: string): PartitionEntry {
		const found = flash.find(label(path));
		if (!found) throw new Error(`flash: no partition "${path}"`);
		return found;
	}

	function update(number: number): FirmwareUpdate {
		const found = updates.get(number);
		if (!found) throw new Error("update: closed");
		return found;
	}

	function writable(path: string): string {
		const name = label(path);
		if (name === record.running) throw new Error(`flash: partition "${path}" holds the running firmware`);
		if (name === record.next) record.invalidate(name as Slot);
		return name;
	}

	return {
		operations: {
			[StorageOperation.flashLabel]: (index: number) => PARTITIONS[index]?.label,
			[StorageOperation.flashSize]: (path: string) => flash.find(label(path))?.size,
			[StorageOperation.flashRead]: (path: string, offset: number, byteLength: number) =>
				flash.read(partition(path).label, offset, byteLength),
			[StorageOperation.flashWrite]: (path: string, offset: number, bytes: ArrayBuffer) =>
				flash.write(writable(path), offset, new Uint8Array(bytes)),
			[StorageOperation.flashErase]: (path: string, from: number, to: number) => flash.erase(writable(path), from, to),
			[StorageOperation.updateOpen]: (path: string, append: boolean, byteLength?: number) => {
				const { label: name, size } = partition(path);
				if (name !== record.next) throw new Error(`update: partition "${path}" is not the one for the next firmware`);
				for (const other of updates.values())
					if (other.label === name) throw new Error(`update: partition "${path}" is being updated already`);
				record.invalidate(name as Slot);
				updates.set(++handle, new FirmwareUpdate(flash, name, byteLength ?? size, byteLength !== undefined, append));
				return handle;
			},
			[StorageOperation.updateWrite]: (number: number, bytes: ArrayBuffer, offset?: number) =>
				update(number).write(new Uint8Array(bytes), offset),
			[StorageOperation.updateComplete]: (number: number) => {
				update(number).complete();
				record.activate(update(number).label as Slot, update(number).size);
			},
			[StorageOperation.updateClose]: (number: number) => {
				updates.delete(number);
			},
			[SystemOperation.firmwareVersion]: () => context.version,
			[SystemOperation.firmwareOnTrial]: () => record.onTrial,
			[SystemOperation.firmwareTarget]: () => context.target,
			[SystemOperation.firmwareActivate]: (size: number) => {
				for (const { label: name } of updates.values())
					if (name === record.next) throw new Error("firmware activate: an update of that slot is open");
				const { size: room } = partition("nextota");
				if (size > room) throw new RangeError(`firmware activate: ${size} bytes, the slot has ${room}`);
				context.checkImage?.(flash.read(record.next, 0, size));
				record.activate(record.next, size);
			},
			[SystemOperation.firmwareConfirm]: () => record.confirm(),
			[SystemOperation.firmwareRollback]: () => {
				record.rollback();
				context.restart("update");
			},
		},
		close() {
			updates.clear();
		},
	};
};
