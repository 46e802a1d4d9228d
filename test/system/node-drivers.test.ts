import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { drivers } from "../../modules/description/drivers";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pins = [14, 27, 32, 33];

test("every driver that node.ts may name gives values on the virtual board", () => {
	let pin = 0;
	const sensors: Record<string, object> = {};
	for (const [driver, { connection, quantities }] of Object.entries(drivers)) {
		const name = driver.toLowerCase().replace(/\W/g, "");
		const channels = Object.fromEntries(quantities.map((quantity, index) => [`${name}${index}`, { quantity }]));
		const wired = connection === "i2c" ? { i2c: "default" } : connection === "none" ? {} : { pin: pins[pin++] };
		// Two parts with the same address: the second one has another.
		const address = driver === "BME280" ? { address: 0x77 } : {};
		sensors[name] = { driver, ...wired, ...address, channels };
	}
	const description = {
		schema: 1,
		id: "vagalume-1",
		name: "All drivers",
		board: "esp32-devkitc",
		telemetry: { interval: 10 },
		lights: {},
		relays: {},
		sensors,
		buttons: {},
	};
	const copy = mkdtempSync(join(tmpdir(), "vagalume-drivers-"));
	for (const name of ["bin", "hosts", "sim", "modules", "types", "tools", "main.ts", "package.json", "build"])
		cpSync(join(root, name), join(copy, name), { recursive: true });
	symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
	writeFileSync(
		join(copy, "node.ts"),
		`import { describe } from "./modules/description/description";\nexport default describe(${JSON.stringify(description)});\n`,
	);
	const args = ["sim", "--headless", "--time", "virtual", "--duration", "60", "--json", "--heap", "131072"];
	const { status, stdout, stderr } = spawnSync(process.execPath, [join(copy, "bin/vagalume.js"), ...args], {
		cwd: copy,
		encoding: "utf8",
	});
	rmSync(copy, { recursive: true });
	assert.equal(status, 0, stderr);
	const lines = stdout
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	const record = JSON.parse(lines.filter(({ topic }) => /\/telemetry$/.test(topic ?? "")).at(-1).payload);
	const errors = lines.filter(({ level }) => level === "error").map(({ message }) => message);
	const silent = Object.entries(record).filter(([, value]) => value === null);
	assert.deepEqual(silent, [], errors.join("\n"));
});
