import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../root";

/** What mcconfig calls the platforms of the boards that node.ts may name, and those of this host beside them. */
const platforms: Readonly<Record<string, string>> = {
	"esp32-devkitc": "esp32",
	"esp32-c3-devkitm": "esp32/esp32c3",
	"esp32-s3-devkitc": "esp32/esp32s3",
	"esp32-c6-devkitc": "esp32/esp32c6",
	"moddable-two": "esp32/moddable_two",
	"m5atom-lite": "esp32/m5atom_lite",
};

/** `esp32/esp32-c3-devkitm`, with the name of node.ts, is mcconfig's `esp32/esp32c3`; mcconfig's own names pass. */
export function platformOf(name: string): string {
	const board = /^esp32\/(.+)$/.exec(name)?.[1];
	return (board !== undefined && platforms[board]) || name;
}

export function isBoard(platform: string): boolean {
	return /^esp32(\/|$)/.test(platform);
}

/** The chip of a platform, as ESP-IDF calls it. */
export function chipOf(platform: string): string {
	return /^esp32\/.*(esp32[a-z]\d)/.exec(platform)?.[1] ?? "esp32";
}

/** Bytes of a slot for the firmware: an image must fit. */
export function slotSize(csv = readFileSync(join(root, "hosts/esp32/sdkconfig/partitions.csv"), "utf8")): number {
	const slot = csv.split("\n").find((line) => line.startsWith("ota_0,"));
	return Number(slot!.split(",")[4]);
}
