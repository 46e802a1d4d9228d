import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { NodeFolder } from "../../hosts/desktop/node-folder";
import { BootRecord } from "../../hosts/shared/services/boot-record";
import { FirmwareUpdate } from "../../hosts/shared/services/firmware-update";
import { FlashStore, PARTITIONS } from "../../hosts/shared/services/flash-store";

let directory: string;
const log: string[] = [];
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "vagalume-flash-"));
	log.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true }));

function boot(): BootRecord {
	const record = new BootRecord(new NodeFolder(directory), (line) => void log.push(line));
	record.boot();
	return record;
}

describe("flash", () => {
	test("partitions fit into 4 MB behind the bootloader", () => {
		const size = PARTITIONS.reduce((sum, { size }) => sum + size, 0x9000 + 0x7000);
		assert.ok(size <= 0x400000, `${size} bytes`);
		for (const { label, size } of PARTITIONS) assert.equal(size % 4096, 0, label);
	});

	test("a partition that was never written takes no place on disk and reads as erased", () => {
		const flash = new FlashStore(new NodeFolder(directory));
		assert.deepEqual([...flash.read("ota_1", 0x1000, 3)], [255, 255, 255]);
		assert.ok(!existsSync(join(directory, "ota_1.bin")));
	});

	test("a write far in leaves what is before it erased", () => {
		const flash = new FlashStore(new NodeFolder(directory));
		flash.write("storage", 5000, Uint8Array.of(0, 1, 2, 3));
		assert.deepEqual([...flash.read("storage", 4998, 8)], [255, 255, 0, 1, 2, 3, 255, 255]);
		assert.deepEqual([...new FlashStore(new NodeFolder(directory)).read("storage", 0, 2)], [255, 255]);
	});

	test("an erase at the end shortens the file, one in the middle does not touch what follows", () => {
		const flash = new FlashStore(new NodeFolder(directory));
		for (const block of [0, 1, 2]) flash.write("storage", block * 4096, new Uint8Array(4));
		flash.erase("storage", 1, 2);
		assert.deepEqual([flash.read("storage", 4096, 1)[0], flash.read("storage", 8192, 1)[0]], [255, 0]);
		flash.erase("storage", 1, 128);
		assert.equal(statSync(join(directory, "storage.bin")).size, 4096);
	});

	test("system partitions cannot be opened", () => {
		const flash = new FlashStore(new NodeFolder(directory));
		for (const label of ["nvs", "otadata", "nowhere"]) assert.equal(flash.find(label), undefined, label);
	});
});

describe("boot record", () => {
	test("a new board runs ota_0, not on trial, and cannot roll back", () => {
		const record = boot();
		assert.deepEqual([record.running, record.next, record.onTrial], ["ota_0", "ota_1", false]);
		assert.throws(() => record.rollback(), /no former firmware/);
	});

	test("an activated slot boots on trial; confirmed, it stays", () => {
		boot().activate("ota_1", 4096);
		const trial = boot();
		assert.deepEqual([trial.running, trial.onTrial], ["ota_1", true]);
		trial.confirm();
		const next = boot();
		assert.deepEqual([next.running, next.onTrial, next.next], ["ota_1", false, "ota_0"]);
	});

	test("not confirmed, the boot after it takes the former slot, for good", () => {
		boot().activate("ota_1", 4096);
		boot();
		assert.equal(boot().running, "ota_0");
		assert.match(log.join(), /not confirmed/);
		assert.equal(boot().running, "ota_0");
	});

	test("rollback rejects the running slot", () => {
		boot().activate("ota_1", 4096);
		const trial = boot();
		trial.rollback();
		assert.equal(boot().running, "ota_0");
	});

	test("slots take turns", () => {
		for (const slot of ["ota_1", "ota_0", "ota_1", "ota_0"] as const) {
			boot().activate(slot, 4096);
			const record = boot();
			assert.equal(record.running, slot);
			record.confirm();
		}
	});

	test("an update that was begun does not boot, even if its slot was activated before", () => {
		boot().activate("ota_1", 4096);
		boot().confirm();
		boot().activate("ota_0", 4096);
		boot().confirm();
		boot().invalidate("ota_1");
		assert.equal(boot().running, "ota_0");
	});

	test("a slot that was erased is nothing to roll back to", () => {
		boot().activate("ota_1", 4096);
		const record = boot();
		record.confirm();
		record.invalidate("ota_0");
		assert.throws(() => boot().rollback(), /no former firmware/);
		assert.equal(boot().running, "ota_1");
	});

	test("a damaged record is reported, and the first firmware runs", () => {
		writeFileSync(join(directory, "otadata.json"), '{"ota_1":{"sequence":');
		assert.equal(boot().running, "ota_0");
		assert.match(log.join(), /damaged/);
		writeFileSync(join(directory, "otadata.json"), '{"ota_1":{"sequence":"x","state":"valid"}}');
		assert.equal(boot().running, "ota_0");
	});
});

describe("update", () => {
	const open = (size: number, exact: boolean, append: boolean) =>
		new FirmwareUpdate(new FlashStore(new NodeFolder(directory)), "ota_1", size, exact, append);

	test("gaps are found", () => {
		const update = open(100, false, false);
		update.write(new Uint8Array(8), 0);
		update.write(new Uint8Array(8), 16);
		assert.throws(() => update.complete(), /bytes from 8 on/);
		update.write(new Uint8Array(8), 8);
		update.complete();
	});

	test("a missing beginning, a missing end and nothing at all are found", () => {
		assert.throws(() => open(100, false, true).complete(), /nothing was written/);
		const late = open(100, false, false);
		late.write(new Uint8Array(8), 8);
		assert.throws(() => late.complete(), /bytes from 0 on/);
		const short = open(100, true, true);
		short.write(new Uint8Array(99), undefined);
		assert.throws(() => short.complete(), /99 of 100/);
	});

	test("opening erases the slot", () => {
		new FlashStore(new NodeFolder(directory)).write("ota_1", 0, new Uint8Array(8));
		open(100, false, true);
		assert.equal(new FlashStore(new NodeFolder(directory)).read("ota_1", 0, 1)[0], 255);
	});
});
