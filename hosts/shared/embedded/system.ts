/** `device.system` of the desktop: see modules/system. */

import type { Firmware, Memory, ResetReason, Settings, System, Watchdog } from "embedded:provider/builtin";
import { call, callInto, memory } from "vagalume:host";
import { SHUTDOWN_HANDLE, SystemOperation } from "../operations/system";
import { attach } from "./dispatch";
import LightStrip from "./light-strip";
import { checkBuffer, requireInteger } from "./options";
import PulseWire from "./pulse-wire";

/** Figures of the engine: see vagalume:host. */
const Figure = Object.freeze({ heap: 0, stack: 1, slots: 2, slotsPeak: 3, chunks: 4, chunksPeak: 5 });

const LONGEST = 2 ** 31 - 1;

const watchdog: Watchdog = Object.freeze({
	start(timeout: number): void {
		call(SystemOperation.watchdogStart, requireInteger("watchdog start", "timeout", timeout, 1, LONGEST));
	},
	feed(): void {
		call(SystemOperation.watchdogFeed);
	},
	stop(): void {
		call(SystemOperation.watchdogStop);
	},
});

const firmware: Firmware = Object.freeze({
	get version(): string {
		return call(SystemOperation.firmwareVersion) as string;
	},
	get target(): string {
		return call(SystemOperation.firmwareTarget) as string;
	},
	activate(byteLength: number): void {
		const size = requireInteger("firmware activate", "byteLength", byteLength, 1, Number.MAX_SAFE_INTEGER);
		call(SystemOperation.firmwareActivate, size);
	},
	get onTrial(): boolean {
		return call(SystemOperation.firmwareOnTrial) as boolean;
	},
	confirm(): void {
		call(SystemOperation.firmwareConfirm);
	},
	rollback(): void {
		call(SystemOperation.firmwareRollback);
	},
});

const system: System = Object.freeze({
	get board(): string {
		return call(SystemOperation.board) as string;
	},
	get host(): string {
		return call(SystemOperation.host) as string;
	},
	get uniqueId(): string {
		return call(SystemOperation.uniqueId) as string;
	},
	get resetReason(): ResetReason {
		return call(SystemOperation.resetReason) as ResetReason;
	},
	/** A new object at each reading. */
	get settings(): Settings {
		return JSON.parse(call(SystemOperation.settings) as string);
	},
	restart(): void {
		call(SystemOperation.restart);
	},
	onShutdown(callback: (done: () => void) => void): void {
		attach(SHUTDOWN_HANDLE, { onEvent: () => callback(() => void call(SystemOperation.shutdownDone)) });
	},
	memory(): Memory {
		const size = memory(Figure.heap) - memory(Figure.stack);
		const used = memory(Figure.slots) + memory(Figure.chunks);
		return { size, used, free: size - used, peak: memory(Figure.slotsPeak) + memory(Figure.chunksPeak) };
	},
	random(buffer: Uint8Array): void {
		checkBuffer("random", buffer);
		callInto(buffer, SystemOperation.random, buffer.byteLength);
	},
	watchdog,
	sleep(milliseconds: number): void {
		call(SystemOperation.sleep, requireInteger("sleep", "milliseconds", milliseconds, 0, LONGEST));
	},
	firmware,
	LightStrip,
	PulseWire,
});

export default system;
