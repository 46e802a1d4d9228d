import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { chipOf, slotSize } from "./boards";
import { BuildError } from "./build";

/** The image that a build for a board has made, and how full it makes its slot. Throws BuildError when it was not made since. */
export function describeImage(built: string, since: number): string {
	const image = statSync(join(built, "xs_esp32.bin"), { throwIfNoEntry: false });
	// mcconfig's make goes on when idf.py fails, and the image of an earlier build lies there still.
	if (!image || image.mtimeMs < since) throw new BuildError("ESP-IDF made no image: its messages are above");
	const slot = slotSize();
	const text = `image: ${image.size} bytes, ${Math.round((image.size / slot) * 100)}% of its slot of ${slot}`;
	if (image.size > slot) throw new BuildError(`${text}: it does not fit`);
	return text;
}

/** ESP-IDF's folder of a build, which says what goes where in the flash. */
export function idfFolder(built: string, platform: string): string {
	const project = built.replace(/([\\/])bin([\\/]esp32[\\/])/, "$1tmp$2");
	return join(project, `xsProj-${chipOf(platform)}`, "build");
}

/**
 * Writes a built image to the board on USB, by esptool: mcconfig's target `deploy` ends programs of others. Throws BuildError.
 */
export function writeFlash(folder: string, port: string | undefined): void {
	if (!existsSync(join(folder, "flash_args")))
		throw new BuildError(`${folder} has no flash_args: build it first (vagalume moddable build)`);
	const args = ["-m", "esptool", ...(port === undefined ? [] : ["--port", port]), "write-flash", "@flash_args"];
	const { status, error } = spawnSync("python", args, { cwd: folder, stdio: "inherit" });
	if (error) throw new BuildError(`python cannot be started (${error.message}): run . $IDF_PATH/export.sh first`);
	if (status !== 0)
		throw new BuildError(
			`esptool ended with status ${status}. Is the board on USB, may you use its port (Linux: group dialout), and does no other program? ` +
				"Name the port with --port, hold BOOT while it connects",
		);
}
