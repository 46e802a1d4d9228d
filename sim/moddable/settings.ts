import type { Settings } from "embedded:provider/builtin";
import config from "mc/config";
import { settings } from "../../hosts/moddable/settings";
import type { Folder } from "../../hosts/shared/folder";
import { decodeText } from "../../hosts/shared/utf8";
import { DEFAULT_POINT } from "../network/air";

/** Where the node keeps its flash, below the directory in which the simulator was started. */
export function storagePath(): string {
	return String(config["storage"] ?? ".vagalume/moddable");
}

/** Of the world. */
export function seed(): number {
	return Number(config["seed"] ?? 1);
}

/** Of the firmware. */
export function version(): string {
	return String(config["version"] ?? "0.0.0");
}

/**
 * The node's settings: what the build says (the simulated network where it names none), and before it the file
 * `settings.json` in the node's folder, with the names of `Settings`.
 */
export function loadSettings(folder: Folder): Settings {
	const built: Settings = {
		wifi: { SSID: DEFAULT_POINT.SSID, password: DEFAULT_POINT.password! },
		...settings(),
	};
	const bytes = folder.load("settings.json");
	if (!bytes) return built;
	try {
		return { ...built, ...(JSON.parse(decodeText(bytes)) as Settings) };
	} catch (error) {
		throw new Error(`settings.json: ${(error as Error).message}`);
	}
}
