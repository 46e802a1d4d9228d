import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { boards } from "../../modules/description/boards";
import { drivers } from "../../modules/description/drivers";
import { quantities } from "../../modules/description/units";

const text = readFileSync(new URL("../../docs/node.md", import.meta.url), "utf8");
const row = (name: string) => text.split("\n").find((line) => line.startsWith(`| \`${name}\``)) ?? "";

describe("docs/node.md", () => {
	for (const [name, board] of Object.entries(boards))
		it(`has the board ${name} with its pins`, () => {
			assert.ok(row(name).includes(board.title));
			for (const [pin, gpio] of Object.entries(board.pin))
				assert.ok(row(name).includes(`\`${pin}\` ${gpio}`), row(name));
			assert.ok(row(name).includes(`${board.i2c.default.data}, ${board.i2c.default.clock}`));
		});
	for (const [name, driver] of Object.entries(drivers))
		it(`has the driver ${name} with its fastest interval`, () =>
			assert.ok(row(name).includes(`| ${driver.fastest} s |`)));
	for (const [name, quantity] of Object.entries(quantities))
		it(`has the quantity ${name} with its units and decimals`, () => {
			for (const unit of Object.keys(quantity.units)) assert.ok(row(name).includes(`\`${unit}\``), unit);
			assert.ok(row(name).endsWith(`| ${quantity.decimals} |`), row(name));
		});
});
