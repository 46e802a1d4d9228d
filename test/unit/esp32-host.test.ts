/** What the ESP32 build promises, as far as it can be seen without an SDK, an ESP-IDF and a board. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { boardTable } from "../../modules/description/boards";
import { chipOf, platformOf, slotSize } from "../../tools/moddable/boards";
import { growth } from "../../tools/moddable/figures";
import { root } from "../../tools/root";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const files = readdirSync(join(root, "hosts/esp32/boards"));

interface Row {
	name: string;
	type: string;
	subtype: string;
	offset: number;
	size: number;
}

const partitions: Row[] = read("hosts/esp32/sdkconfig/partitions.csv")
	.split("\n")
	.filter((line) => line !== "" && !line.startsWith("#"))
	.map((line) => line.split(",").map((word) => word.trim()))
	.map(([name, type, subtype, offset, size]) => ({
		name: name!,
		type: type!,
		subtype: subtype!,
		offset: Number(offset),
		size: Number(size),
	}));

describe("boards", () => {
	test("each board that node.ts may name has a file, and no other has", () => {
		assert.deepEqual(files.map((file) => file.replace(".json", "")).sort(), Object.keys(boardTable).sort());
	});

	for (const [name, board] of Object.entries(boardTable))
		test(`${name}: the firmware is built with the pins of modules/description/boards.ts`, () => {
			const { config } = JSON.parse(read(`hosts/esp32/boards/${name}.json`));
			const target = platformOf(`esp32/${name}`) as string;
			assert.deepEqual(config.board, {
				title: board!.title,
				target: name === "esp32-devkitc" ? "esp32" : target,
				pin: board!.pin,
				i2c: board!.i2c.default,
			});
		});

	test("manifest.json builds each board on its own chip", () => {
		const { platforms } = JSON.parse(read("manifest.json"));
		for (const name of Object.keys(boardTable)) {
			const platform = platformOf(`esp32/${name}`);
			const board = name === "esp32-devkitc" ? "esp32" : platform;
			assert.deepEqual(
				platforms[board].include,
				["./hosts/esp32/manifest.json", `./hosts/esp32/boards/${name}.json`],
				platform,
			);
			const chip = /^esp32-([a-z]\d)-/.exec(name)?.[1] ?? "";
			assert.equal(chipOf(platform), `esp32${chip}`, name);
		}
	});
});

describe("the flash of 4 MB", () => {
	test("holds two slots of the same size for the firmware, NVS, otadata and a core dump, without overlaps", () => {
		const byName = new Map(partitions.map((row) => [row.name, row]));
		for (const name of ["nvs", "otadata", "phy_init", "ota_0", "ota_1", "coredump"]) assert.ok(byName.has(name), name);
		let end = 0x9000;
		for (const { name, type, offset, size } of partitions) {
			assert.ok(offset >= end, `${name} overlaps`);
			assert.equal(offset % (type === "app" ? 0x10000 : 0x1000), 0, name);
			end = offset + size;
		}
		assert.equal(end, 4 * 1024 * 1024);
		assert.equal(byName.get("ota_0")!.size, byName.get("ota_1")!.size);
		assert.equal(slotSize(), byName.get("ota_0")!.size);
		assert.equal(byName.get("nvs")!.size, 24 * 1024);
		assert.equal(byName.get("otadata")!.size, 0x2000);
		assert.ok(partitions.every(({ name }) => name.length <= 15));
	});
});

describe("figures", () => {
	const before = { instances: 1000, keys: 1000, slots: 10_000 };

	test("5% more is taken, more than that is told with what grew", () => {
		assert.deepEqual(growth("esp32", { instances: 1050, keys: 900, slots: 10_500 }, before), []);
		assert.deepEqual(growth("esp32", { instances: 1051, keys: 900, slots: 10_500 }, before), [
			"esp32: 1051 instances, were 1000: more than 5% more",
		]);
		assert.match(growth("esp32", before, undefined)[0]!, /no figures/);
	});
});
