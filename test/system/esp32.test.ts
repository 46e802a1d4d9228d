/** The firmware for boards, as far as the SDK alone goes: TypeScript, xsc, xsl, and the C files by this computer's compiler. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { build } from "../../tools/moddable/build";
import { committedFigures, growth } from "../../tools/moddable/figures";
import { describeImage } from "../../tools/moddable/flash";
import { findSdk, needs } from "../../tools/moddable/sdk";
import { CHIPS, runStages } from "../../tools/moddable/stages";
import { root } from "../../tools/root";

const found = findSdk();
const withoutSdk: string | false = "problem" in found ? `no Moddable SDK: ${found.problem}` : false;
const sdk = "sdk" in found ? found.sdk : "";
const lacks = withoutSdk ? undefined : needs("esp32").find((need) => need.found === undefined);
const withoutIdf: string | false = withoutSdk || (lacks ? `no ESP-IDF v6.0: ${lacks.name} is missing` : false);

describe("the firmware for boards, without ESP-IDF", { skip: withoutSdk }, () => {
	for (const platform of [...CHIPS, "esp32/moddable_two", "esp32/m5atom_lite"])
		test(`${platform}: compiles without a warning, finds all imports, freezes all that is preloaded`, async (context) => {
			const { status, warnings, unresolved, figures, sdkconfig, lines } = await runStages(sdk, platform);
			assert.equal(status, 0, lines.slice(-30).join("\n"));
			assert.deepEqual(warnings, []);
			assert.deepEqual(unresolved, []);
			assert.ok(figures, "the linker says nothing");
			context.diagnostic(`${platform}: ${figures.instances} instances, ${figures.keys} keys, ${figures.slots} slots`);
			const before = committedFigures()[platform] ?? committedFigures()["esp32"];
			assert.deepEqual(growth(platform, figures, before), [], "if that is meant: npm run moddable -- figures");
			// The last word counts: ESP-IDF reads it from top to bottom.
			const last = (name: string) =>
				sdkconfig
					.split("\n")
					.filter((line) => line.includes(name))
					.at(-1);
			for (const name of [
				"CONFIG_ESP_TASK_WDT_EN",
				"CONFIG_ESP_TASK_WDT_PANIC",
				"CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE",
				"CONFIG_ESP_COREDUMP_ENABLE_TO_FLASH",
			])
				assert.equal(last(name), `${name}=y`);
			assert.equal(last("CONFIG_FREERTOS_HZ"), "CONFIG_FREERTOS_HZ=1000");
		});

	test("what is wrong is seen: a type, an import that is missing, and a table that is not frozen", async () => {
		const folder = mkdtempSync(join(tmpdir(), "vagalume-wrong-"));
		try {
			const manifest = join(folder, "manifest.json");
			const write = (text: string) => writeFileSync(join(folder, "wrong.ts"), text);
			writeFileSync(join(folder, "table.ts"), "export const table = { a: 1 };\nexport default table;\n");
			writeFileSync(
				manifest,
				JSON.stringify({
					include: [join(root, "manifest.json")],
					modules: { wrong: "./wrong", table: "./table" },
					preload: ["table"],
				}),
			);
			write('import { a } from "nowhere";\ntrace(String(a));\n');
			const wrongType = await runStages(sdk, "esp32", manifest);
			assert.notEqual(wrongType.status, 0);
			write('// @ts-ignore: not there\nimport { a } from "nowhere";\ntrace(String(a));\n');
			const wrong = await runStages(sdk, "esp32", manifest);
			assert.deepEqual(wrong.unresolved, ["wrong: nowhere"], wrong.lines.slice(-10).join("\n"));
			assert.match(wrong.warnings.join("\n"), /table: .*not frozen/);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});

describe("the natives for boards", { skip: withoutSdk }, () => {
	const stubs = join(root, "test", "support", "esp32", "stubs");
	for (const file of ["system.c", "pulse-wire.c"])
		test(`${file} compiles against the SDK's headers and stubs of ESP-IDF's`, () => {
			const include = ["xs/includes", "xs/platforms", "xs/sources"].map((path) => `-I${join(sdk, path)}`);
			const { status, stderr } = spawnSync(
				"cc",
				[
					"-fsyntax-only",
					"-Wall",
					"-Wextra",
					"-Werror",
					"-Wno-unused-parameter",
					"-std=gnu17",
					`-I${stubs}`,
					...include,
					join(root, "hosts", "esp32", file),
				],
				{ encoding: "utf8" },
			);
			assert.equal(status, 0, stderr);
		});

	test("each native that a module names is in a C file, and the other way round", () => {
		const read = (path: string) => readFileSync(join(root, path), "utf8");
		const named = [...read("hosts/esp32/native.ts").matchAll(/native\("(\w+)"\)/g)].map(([, name]) => name).sort();
		const made = ["system.c", "pulse-wire.c"]
			.flatMap((file) => [...read(`hosts/esp32/${file}`).matchAll(/^void (xs_\w+)\(/gm)])
			.map(([, name]) => name)
			.sort();
		assert.deepEqual(named, made);
	});
});

describe("the image for a board", { skip: withoutIdf }, () => {
	test("is built by ESP-IDF, and fits its slot", { timeout: 1_800_000 }, async (context) => {
		const since = Date.now();
		const lines: string[] = [];
		const built = await build({
			sdk,
			platform: "esp32",
			kind: "release",
			config: [],
			onLine: (line) => void lines.push(line),
		}).catch((error: Error) => {
			throw new Error(`${error.message}\n${lines.slice(-40).join("\n")}`);
		});
		context.diagnostic(describeImage(built, since));
	});
});
