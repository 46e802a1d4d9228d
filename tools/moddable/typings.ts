import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../root";
import { OUTPUT } from "./build";

/** Folders of the SDK's typings, and files of `typings` itself, that this project has typings for too. */
const FOLDERS = [
	"embedded_io",
	"embedded_io/socket",
	"embedded_network/dns/resolver",
	"embedded_network/interface",
	"embedded_network/ntp",
	"embedded/storage",
];
const FILES = ["timer.d.ts", "time.d.ts", "embedded/update.d.ts", "embedded_network/dnssd.d.ts"];

/**
 * Copies the SDK's typings of what this project types itself, with `sdk:` before the name of each module, and writes the project
 * that compares the two; returns the path of its tsconfig.json.
 */
export function prepareTypings(sdk: string): string {
	const folder = join(OUTPUT, "typings");
	mkdirSync(folder, { recursive: true });
	const names = FOLDERS.flatMap((name) =>
		readdirSync(join(sdk, "typings", name))
			.filter((file) => file.endsWith(".d.ts"))
			.map((file) => `${name}/${file}`),
	);
	const files = [...names, ...FILES].map((name) => {
		const text = readFileSync(join(sdk, "typings", name), "utf8");
		const path = join(folder, name.replaceAll("/", "-"));
		writeFileSync(path, text.replace(/(declare module|from) (["'])(?!\.)/g, "$1 $2sdk:"));
		return path;
	});
	const config = join(folder, "tsconfig.json");
	const here = (path: string) => relative(folder, join(root, path)).replaceAll("\\", "/");
	writeFileSync(
		config,
		JSON.stringify({
			extends: here("tsconfig.base.json"),
			compilerOptions: { lib: ["ES2023"], types: [] },
			files: [...files, here("test/moddable/sdk-typings.ts"), here("types/index.d.ts")],
		}),
	);
	return config;
}
