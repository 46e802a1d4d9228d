import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ownPlatform, parseOptions, UsageError } from "../../tools/moddable/options";
import { findSdk, needs } from "../../tools/moddable/sdk";

describe("vagalume moddable", () => {
	test("takes an action, a platform, a kind and values of the configuration", () => {
		assert.deepEqual(parseOptions(["run"]), {
			action: "run",
			platform: ownPlatform(),
			kind: "release",
			xsbug: true,
			config: [],
		});
		assert.deepEqual(
			parseOptions(["build", "--platform", "esp32/esp32c3", "--debug", "broker=mqtt://a:1=2", "id=sala"]),
			{
				action: "build",
				platform: "esp32/esp32c3",
				kind: "debug",
				xsbug: true,
				config: ["broker=mqtt://a:1=2", "id=sala"],
			},
		);
		assert.equal(parseOptions(["test", "--instrumented"]).kind, "instrumented");
		// A board has the name that node.ts gives it, or mcconfig's.
		assert.equal(parseOptions(["flash", "--platform", "esp32/esp32-c3-devkitm"]).platform, "esp32/esp32c3");
		assert.equal(parseOptions(["flash", "--port", "/dev/ttyUSB0"]).port, "/dev/ttyUSB0");
		assert.equal(parseOptions(["run", "--panel"]).panel, true);
		const { kind, xsbug } = parseOptions(["debug", "--no-xsbug"]);
		assert.deepEqual([kind, xsbug], ["debug", false]);
	});

	test("says what is wrong with anything else", () => {
		for (const [args, message] of [
			[[], /an action is missing/],
			[["dance"], /"dance" is not an action/],
			[["build", "--platform"], /needs a name/],
			[["build", "--platform", "../x"], /no platform's name/],
			[["flash", "--port"], /needs a serial port/],
			[["build", "--fast"], /"--fast" is neither/],
			[["build", "--no-xsbug"], /"--no-xsbug" is neither/],
			[["debug", "--instrumented"], /--instrumented: a build for xsbug has/],
			[["build", "lin"], /"lin" is neither/],
			[["build", "--panel"], /--panel is for run/],
		] as const)
			assert.throws(
				() => parseOptions(args),
				(error: Error) => error instanceof UsageError && message.test(error.message),
				args.join(" "),
			);
	});
});

describe("what is missing", () => {
	const folder = mkdtempSync(join(tmpdir(), "vagalume-sdk-"));
	after(() => rmSync(folder, { recursive: true }));
	let count = 0;

	/** A folder that looks like an SDK. */
	function fakeSdk(version: string, tools: boolean): string {
		const sdk = join(folder, String(count++));
		for (const path of ["xs", "typings", "build/devices/esp32", `build/bin/${ownPlatform()}/release`])
			mkdirSync(join(sdk, path), { recursive: true });
		writeFileSync(join(sdk, "typings/package.json"), JSON.stringify({ version }));
		writeFileSync(
			join(sdk, "build/devices/esp32/manifest.json"),
			JSON.stringify({ build: { EXPECTED_ESP_IDF: "v6.0" } }),
		);
		if (tools)
			for (const tool of ["mcconfig", "xsc", "xsl", "xsid", "mcrez"])
				writeFileSync(join(sdk, "build/bin", ownPlatform(), "release", tool), "");
		return sdk;
	}
	const problem = (env: NodeJS.ProcessEnv) => {
		const found = findSdk(env);
		return "problem" in found ? found.problem : "";
	};

	test("MODDABLE, or what it names", () => {
		assert.match(problem({}), /^MODDABLE: missing\. .*xs-dev setup/);
		assert.match(problem({ MODDABLE: join(folder, "nowhere") }), /nowhere, where no Moddable SDK is/);
	});

	test("an SDK that is too old, and tools that were not built", () => {
		assert.match(problem({ MODDABLE: fakeSdk("5.6.0", true) }), /8\.2 or newer: missing\. .*xs-dev update/);
		assert.match(problem({ MODDABLE: fakeSdk("8.2.3", false) }), /its tools: missing\. .*build\/makefiles/);
		assert.equal(problem({ MODDABLE: fakeSdk("8.2.3", true) }), "");
		assert.equal(problem({ MODDABLE: fakeSdk("9.0.0", true) }), "");
	});

	test("ESP-IDF, and its version, for esp32 only", () => {
		const MODDABLE = fakeSdk("8.2.3", true);
		const PATH = join(folder, "path");
		mkdirSync(PATH);
		for (const tool of ["idf.py", "python", "cmake", "ninja", "git", "riscv32-esp-elf-gcc"])
			writeFileSync(join(PATH, tool), "");
		const missing = (env: NodeJS.ProcessEnv, platform = "esp32/esp32c3") =>
			needs(platform, { MODDABLE, PATH, ...env })
				.filter(({ found }) => found === undefined)
				.map(({ name, advice }) => `${name}: ${advice}`);
		assert.deepEqual(
			missing({}).map((text) => text.split(":")[0]),
			["IDF_PATH", "ESP-IDF v6.0"],
		);
		assert.match(missing({})[0]!, /xs-dev setup --device esp32/);
		const IDF_PATH = join(folder, "idf");
		mkdirSync(join(IDF_PATH, "tools/cmake"), { recursive: true });
		writeFileSync(join(IDF_PATH, "tools/idf.py"), "");
		const version = (text: string) =>
			writeFileSync(
				join(IDF_PATH, "tools/cmake/version.cmake"),
				["MAJOR", "MINOR", "PATCH"].map((name, i) => `set(IDF_VERSION_${name} ${text.split(".")[i]})`).join("\n"),
			);
		version("5.4.1");
		assert.match(missing({ IDF_PATH }).join(), /^ESP-IDF v6\.0: This is v5\.4\.1\./);
		version("6.0.0");
		assert.deepEqual(missing({ IDF_PATH }), []);
		// Another chip, another compiler; without export.sh none of the tools.
		assert.match(missing({ IDF_PATH }, "esp32/m5atom_lite").join(), /^xtensa-esp32-elf-gcc: Run \. .*\/export\.sh/);
		assert.deepEqual(
			missing({ IDF_PATH, PATH: folder }).map((text) => text.split(":")[0]),
			["idf.py", "python", "cmake", "ninja", "riscv32-esp-elf-gcc", "git"],
		);
		assert.ok(!needs("lin", { MODDABLE }).some(({ name }) => /IDF/.test(name)));
	});
});
