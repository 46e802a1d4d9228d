/** `device.system` of a board: see modules/system. */
import type { Firmware, Memory, ResetReason, Settings, System, Watchdog } from "embedded:provider/builtin";
import config from "mc/config";
import { Heap } from "../moddable/memory";
import { settings } from "../moddable/settings";
import LightStrip from "./light-strip";
import { Board } from "./native";
import PulseWire from "./pulse-wire";

/** By ESP-IDF's numbers (`esp_reset_reason_t`). */
const reasons: readonly ResetReason[] = Object.freeze([
	"unknown",
	"power-on",
	"power-on",
	"software",
	"panic",
	"watchdog",
	"watchdog",
	"watchdog",
	"deep-sleep",
	"brown-out",
] as const);

/** Of `Heap.figure`. */
const Figure = Object.freeze({ allotted: 0, slots: 2, slotsPeak: 3, chunks: 4, chunksPeak: 5 });

/** From hosts/esp32/boards. */
function board(): { readonly title?: string; readonly target?: string } {
	return config["board"] as object;
}

const LONGEST = 2 ** 31 - 1;

const watchdog: Watchdog = Object.freeze({
	start(timeout: number): void {
		if (!(timeout >= 1 && timeout <= LONGEST))
			throw new RangeError(`watchdog start: timeout ${timeout} is outside 1..${LONGEST}`);
		Board.watchdogStart(Math.trunc(timeout));
	},
	feed(): void {
		Board.watchdogFeed();
	},
	stop(): void {
		Board.watchdogStart(0);
	},
});

const firmware: Firmware = Object.freeze({
	get version(): string {
		return String(config["version"] ?? "0.0.0");
	},
	get target(): string {
		return board().target ?? "esp32";
	},
	get onTrial(): boolean {
		return Board.firmwareOnTrial();
	},
	confirm(): void {
		Board.confirmFirmware();
	},
	/** ESP-IDF checks the whole image, and takes its length from there. */
	activate(): void {
		Board.activateFirmware();
	},
	rollback(): void {
		Board.rollbackFirmware();
	},
});

const system: System = Object.freeze({
	get board(): string {
		return board().title ?? "ESP32";
	},
	get host(): string {
		return `Moddable SDK, XS ${Heap.engine()}`;
	},
	get uniqueId(): string {
		return Board.macAddress();
	},
	get resetReason(): ResetReason {
		return reasons[Board.resetReason()] ?? "unknown";
	},
	get settings(): Settings {
		return settings();
	},
	restart(): void {
		Board.restart();
	},
	/** The engine's heap grows from the board's own, so what that has counts as free. */
	memory(): Memory {
		const used = Heap.figure(Figure.slots) + Heap.figure(Figure.chunks);
		const size = Heap.figure(Figure.allotted) + Board.freeHeap();
		return { size, used, free: size - used, peak: Heap.figure(Figure.slotsPeak) + Heap.figure(Figure.chunksPeak) };
	},
	random(buffer: Uint8Array): void {
		Board.random(buffer);
	},
	watchdog,
	sleep(milliseconds: number): void {
		if (!(milliseconds >= 0 && milliseconds <= LONGEST))
			throw new RangeError(`sleep: milliseconds ${milliseconds} is outside 0..${LONGEST}`);
		Board.deepSleep(milliseconds);
	},
	firmware,
	LightStrip,
	PulseWire,
});

export default system;
