/** Which firmware a node of the desktop host boots, and what becomes of one that is bad: small firmwares in virtual time. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { VirtualClock } from "../../hosts/desktop/clock";
import { DesktopNode } from "../../hosts/desktop/desktop-node";
import { archiveOf } from "../../hosts/desktop/firmware/archive";
import { RomShelf } from "../../hosts/desktop/firmware/rom-shelf";
import { NodeFolder } from "../../hosts/desktop/node-folder";
import { BootRecord, type Slot } from "../../hosts/shared/services/boot-record";
import { FlashStore } from "../../hosts/shared/services/flash-store";
import { Air } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { NodeNetwork } from "../../sim/network/node-network";
import { root } from "../../tools/root";
import { contractBench } from "../support/contract-board";

/** A firmware that says its version and why it booted, then does something. */
const firmware = (version: string, then = "") =>
	archiveOf(version, [
		[
			"main.ts",
			`import device from "embedded:provider/builtin";
			import Timer from "timer";
			const { firmware, resetReason } = device.system;
			trace(firmware.version + " " + resetReason + (firmware.onTrial ? " on trial" : "") + "\\n");
			Timer.set(() => {}, 1000, 1000);
			${then}`,
		],
		// What the host's provider takes from the firmware.
		["modules/mqtt/client.ts", "export default class {}"],
	]);

class Rig {
	readonly lines: string[] = [];
	readonly faults: string[] = [];
	readonly clock = new VirtualClock();
	readonly node: DesktopNode;
	readonly #folder: NodeFolder;

	constructor(t: TestContext, factory = firmware("1.0.0")) {
		const path = mkdtempSync(join(tmpdir(), "vagalume-slots-"));
		const shelf = new RomShelf(root);
		const { rom, version } = shelf.romOf(factory);
		this.#folder = new NodeFolder(path);
		this.node = new DesktopNode({
			clock: this.clock,
			board: contractBench(this.clock).workbench.board,
			network: new NodeNetwork({
				air: new Air({ seed: 1 }),
				internet: new Internet({ clock: this.clock }),
				clock: this.clock,
				node: 0,
				uniqueId: "240ac4000001",
				sockets: undefined,
			}),
			settings: {},
			wiring: { pin: {}, i2c: { default: { data: 21, clock: 22 } } },
			boardName: "test board",
			hostName: "desktop",
			uniqueId: "240ac4000001",
			random: (count) => new Uint8Array(count),
			rom,
			romOf: (image) => shelf.romOf(image),
			name: "node",
			storage: path,
			version,
			heap: 65_536,
			onLine: (line) => this.lines.push(line),
			onNotice: (line) => this.lines.push(`# ${line}`),
			onFault: ({ reason }) => this.faults.push(reason),
		});
		t.after(() => {
			this.node.powerCut();
			shelf.close();
			rmSync(path, { recursive: true });
		});
	}

	/** Puts an image where the next firmware belongs, and lets it boot next, as an update does. */
	install(image: Uint8Array, slot: Slot): void {
		const flash = new FlashStore(this.#folder);
		flash.erase(slot, 0, flash.find(slot)!.size / 4096);
		flash.write(slot, 0, image);
		new BootRecord(this.#folder, () => {}).activate(slot, image.length);
	}

	damage(slot: Slot): void {
		new FlashStore(this.#folder).write(slot, 100, Uint8Array.of(0));
	}

	/** What was said since the last time, `seconds` later. */
	async said(seconds = 1): Promise<string[]> {
		await this.clock.run(this.clock.now() + 1000 * seconds, () => false);
		return this.lines.splice(0);
	}
}

const confirm = "firmware.confirm();";

describe("a node's firmware", () => {
	test("is the one that came with the board, until an update; the new one runs on trial, and confirmed it stays", async (t) => {
		const rig = new Rig(t);
		rig.node.powerOn();
		assert.deepEqual(await rig.said(), ["1.0.0 power-on"]);
		rig.node.powerCut();
		rig.install(firmware("2.0.0", confirm), "ota_1");
		rig.node.powerOn();
		assert.deepEqual(await rig.said(), ["2.0.0 power-on on trial"]);
		rig.node.reset("power-on");
		assert.deepEqual(await rig.said(), ["2.0.0 power-on"]);
		rig.install(firmware("3.0.0", confirm), "ota_0");
		rig.node.reset("power-on");
		assert.deepEqual(await rig.said(), ["3.0.0 power-on on trial"], "in the slot of the first one");
	});

	test("not confirmed before the next boot: the former one runs again", async (t) => {
		const rig = new Rig(t);
		rig.install(firmware("2.0.0"), "ota_1");
		rig.node.powerOn();
		assert.deepEqual(await rig.said(), ["2.0.0 power-on on trial"]);
		rig.node.powerCut();
		rig.node.powerOn();
		assert.deepEqual((await rig.said()).at(-1), "1.0.0 power-on");
	});

	test("rolled back by itself: the former one runs again", async (t) => {
		const rig = new Rig(t);
		rig.install(firmware("2.0.0", "Timer.set(() => firmware.rollback(), 500);"), "ota_1");
		rig.node.powerOn();
		assert.deepEqual(await rig.said(2), ["2.0.0 power-on on trial", "1.0.0 update"]);
	});

	for (const [what, code, reason] of [
		["throws at boot", "throw new Error('oops');", "panic"],
		["throws later", "Timer.set(() => { throw new Error('oops'); }, 300);", "panic"],
		["fills its heap", "Timer.set(() => { const all = []; for (;;) all.push(new Uint8Array(1000)); }, 300);", "panic"],
		["never comes back from an event", "Timer.set(() => { for (;;); }, 300);", "watchdog"],
	] as const)
		test(`new, and ${what}: the former one runs again, with reset reason ${reason}`, async (t) => {
			const rig = new Rig(t);
			rig.install(firmware("2.0.0", code), "ota_1");
			rig.node.powerOn();
			const said = await rig.said(3);
			assert.match(said.join("\n"), /# node: the new firmware fell/);
			assert.equal(said.at(-1), `1.0.0 ${reason}`);
			assert.deepEqual(rig.faults, []);
		});

	test("new, and neither confirmed nor given up: after 15 minutes the former one runs again", async (t) => {
		const rig = new Rig(t);
		rig.install(firmware("2.0.0"), "ota_1");
		rig.node.powerOn();
		assert.deepEqual(await rig.said(899), ["2.0.0 power-on on trial"]);
		const said = await rig.said(3);
		assert.match(said[0]!, /not confirmed within 900 s/);
		assert.equal(said.at(-1), "1.0.0 watchdog");
		assert.deepEqual(await rig.said(2000), [], "and that stays");
	});

	test("confirmed, and then falls: a fault as ever, no way back", async (t) => {
		const rig = new Rig(t);
		rig.install(firmware("2.0.0", `${confirm} Timer.set(() => { throw new Error('oops'); }, 300);`), "ota_1");
		rig.node.powerOn();
		await rig.said(3);
		assert.deepEqual(rig.faults, ["exception"]);
		assert.equal(rig.node.on, false);
	});

	test("damaged in its slot, or none at all: passed over at boot", async (t) => {
		const rig = new Rig(t);
		rig.install(firmware("2.0.0", confirm), "ota_1");
		rig.node.powerOn();
		await rig.said();
		rig.node.powerCut();
		rig.damage("ota_1");
		rig.node.powerOn();
		const said = await rig.said();
		assert.match(said[0]!, /ota_1 cannot be booted: firmware: it is damaged/);
		assert.equal(said.at(-1), "1.0.0 power-on");
	});

	test("damaged in both slots: a fault that says so", async (t) => {
		const rig = new Rig(t);
		for (const slot of ["ota_1", "ota_0"] as const) {
			rig.install(firmware("2.0.0"), slot);
			rig.damage(slot);
		}
		rig.node.powerOn();
		assert.deepEqual(rig.faults, ["internal"]);
		assert.equal(rig.node.on, false);
	});
});
