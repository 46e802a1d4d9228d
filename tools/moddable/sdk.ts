import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chipOf, isBoard } from "./boards";
import { ownPlatform } from "./options";

/** The oldest SDK that this project builds with. */
const OLDEST = [8, 2];

/** One thing that a build needs. */
export interface Need {
	readonly name: string;
	/** What was found; undefined: it is missing. */
	readonly found: string | undefined;
	/** What to do when it is missing. */
	readonly advice: string;
}

/** The folder of the SDK's tools on this computer. */
export function toolFolder(sdk: string): string {
	return join(sdk, "build", "bin", ownPlatform(), "release");
}

/** The SDK that MODDABLE names, if it can build; else a sentence that says what is wrong and what to do. */
export function findSdk(env: NodeJS.ProcessEnv = process.env): { sdk: string } | { problem: string } {
	const missing = sdkNeeds(env).find(({ found }) => found === undefined);
	if (missing) return { problem: `${missing.name}: missing. ${missing.advice}` };
	return { sdk: env["MODDABLE"]! };
}

/** What every build needs. */
function sdkNeeds(env: NodeJS.ProcessEnv): Need[] {
	const sdk = env["MODDABLE"];
	const executable = process.platform === "win32" ? ".exe" : "";
	const there = (path: string) => (sdk && existsSync(join(sdk, path)) ? path : undefined);
	const tools = ["mcconfig", "xsc", "xsl", "xsid", "mcrez"];
	const built = sdk && tools.every((tool) => existsSync(join(toolFolder(sdk), tool + executable)));
	const folder: Need = {
		name: "MODDABLE",
		found: sdk && there("xs") ? sdk : undefined,
		advice: sdk
			? `MODDABLE is ${sdk}, where no Moddable SDK is`
			: "Install the Moddable SDK (npx xs-dev setup) and set MODDABLE to its folder",
	};
	// What it has is no question while it is not there.
	if (folder.found === undefined) return [folder];
	return [
		folder,
		{
			name: `Moddable SDK ${OLDEST.join(".")} or newer`,
			found: sdk && version(sdk),
			advice: "Update it: npx xs-dev update",
		},
		{
			name: "its tools",
			found: built ? toolFolder(sdk) : undefined,
			advice: `Build them: npx xs-dev setup, or make in ${sdk ?? "$MODDABLE"}/build/makefiles/${ownPlatform()}`,
		},
	];
}

/** The SDK's version by its typings, if it is new enough. */
function version(sdk: string): string | undefined {
	try {
		const { version } = JSON.parse(readFileSync(join(sdk, "typings", "package.json"), "utf8")) as { version: string };
		const [major = 0, minor = 0] = version.split(".").map(Number);
		return major > OLDEST[0]! || (major === OLDEST[0] && minor >= OLDEST[1]!) ? version : undefined;
	} catch {
		return undefined;
	}
}

/** Everything that a build for a platform needs, in the order in which it is best mended. */
export function needs(platform: string, env: NodeJS.ProcessEnv = process.env): Need[] {
	const list = sdkNeeds(env);
	if (platform === "lin") list.push(...linuxNeeds());
	if (isBoard(platform)) list.push(...espNeeds(platform, env));
	return list;
}

function linuxNeeds(): Need[] {
	const program = (name: string, advice: string): Need => ({ name, found: which(name), advice });
	return [
		program("make", "Debian: apt-get install make"),
		program("cc", "Debian: apt-get install gcc libc6-dev"),
		program("pkg-config", "Debian: apt-get install pkg-config"),
		{
			name: "GLib and GIO, to compile with",
			found: output("pkg-config", ["--modversion", "gio-2.0"]),
			advice: "Debian: apt-get install libglib2.0-dev (libgtk-3-dev for the SDK's own simulator)",
		},
	];
}

function espNeeds(platform: string, env: NodeJS.ProcessEnv): Need[] {
	const idf = env["IDF_PATH"];
	const wanted = expectedIdf(env["MODDABLE"]);
	const found = idf && idfVersion(idf);
	const program = (name: string, advice: string): Need => ({ name, found: which(name, env["PATH"]), advice });
	const activate = `Run . ${idf ?? "$IDF_PATH"}/export.sh in this shell; if that does not help: ${idf ?? "$IDF_PATH"}/install.sh`;
	const chip = chipOf(platform);
	const compiler = /[ch]\d$/.test(chip) ? "riscv32-esp-elf-gcc" : `xtensa-${chip}-elf-gcc`;
	return [
		{
			name: "IDF_PATH",
			found: idf && existsSync(join(idf, "tools", "idf.py")) ? idf : undefined,
			advice: idf
				? `IDF_PATH is ${idf}, where no ESP-IDF is`
				: "Install ESP-IDF (npx xs-dev setup --device esp32) and set IDF_PATH to its folder",
		},
		{
			name: `ESP-IDF ${wanted}`,
			found: found?.startsWith(wanted) ? found : undefined,
			advice: `${found ? `This is ${found}. ` : ""}The SDK is made for ${wanted}: npx xs-dev setup --device esp32`,
		},
		program("idf.py", activate),
		program("python", activate),
		program("cmake", activate),
		program("ninja", activate),
		program(compiler, activate),
		program("git", "The SDK's make asks it for ESP-IDF's version. Debian: apt-get install git"),
	];
}

/** What ESP-IDF the SDK wants, by its own manifest. */
function expectedIdf(sdk: string | undefined): string {
	try {
		const text = readFileSync(join(sdk!, "build", "devices", "esp32", "manifest.json"), "utf8");
		return (JSON.parse(text) as { build: { EXPECTED_ESP_IDF: string } }).build.EXPECTED_ESP_IDF;
	} catch {
		return "v6.0";
	}
}

function idfVersion(idf: string): string | undefined {
	try {
		const text = readFileSync(join(idf, "tools", "cmake", "version.cmake"), "utf8");
		const part = (name: string) => /\d+/.exec(text.slice(text.indexOf(`IDF_VERSION_${name}`)))?.[0];
		return `v${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}`;
	} catch {
		return undefined;
	}
}

function which(program: string, path = process.env["PATH"]): string | undefined {
	return (path ?? "")
		.split(delimiter)
		.map((folder) => join(folder, program))
		.find((path) => existsSync(path));
}

function output(program: string, args: readonly string[]): string | undefined {
	const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
	return status === 0 ? stdout.trim() : undefined;
}
