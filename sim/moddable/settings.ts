import type { Settings } from "embedded:provider/builtin";
import config from "mc/config";
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
 * The node's settings: what the build says (`config`: `id`, `broker`, `user`, `mqttPassword`, `keepAlive`, `ssid` and
 * `password` of the Wi-Fi), and before it the file `settings.json` in the node's folder, with the names of `Settings`.
 */
export function loadSettings(folder: Folder): Settings {
	const { id, broker, user, mqttPassword, keepAlive, ssid, password, tokenURL, tokenClient, tokenSecret, tokenScope } =
		config as Readonly<Record<string, string>>;
	const built: Settings = {
		...(id && { id }),
		...(broker && { broker }),
		...(user && { user }),
		...(mqttPassword && { password: mqttPassword }),
		...(tokenURL && {
			token: {
				url: tokenURL,
				client: tokenClient ?? "",
				secret: tokenSecret ?? "",
				...(tokenScope && { scope: tokenScope }),
			},
		}),
		...(keepAlive !== undefined && { keepAlive: Number(keepAlive) }),
		wifi: ssid
			? { SSID: ssid, ...(password && { password }) }
			: { SSID: DEFAULT_POINT.SSID, password: DEFAULT_POINT.password! },
	};
	const bytes = folder.load("settings.json");
	if (!bytes) return built;
	try {
		return { ...built, ...(JSON.parse(decodeText(bytes)) as Settings) };
	} catch (error) {
		throw new Error(`settings.json: ${(error as Error).message}`);
	}
}
