import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../tools/root";

/** Of `build` only what a simulation runs with: beside it other tests make and remove folders, and Node-RED alone takes 230 MB. */
const built = ["build/engine.node", "build/firmware.json", "build/panel"];
const parts = ["bin", "hosts", "sim", "modules", "types", "tools", "main.ts", "package.json"];

/** A copy of the project with another node.ts, as a user would write one. */
export class OtherNode {
	readonly folder = mkdtempSync(join(tmpdir(), "vagalume-node-"));

	constructor(description: object) {
		const present = built.filter((name) => existsSync(join(root, name)));
		for (const name of [...parts, ...present]) cpSync(join(root, name), join(this.folder, name), { recursive: true });
		symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
		const text = `export default describe(${JSON.stringify(description)} as never);\n`;
		writeFileSync(
			join(this.folder, "node.ts"),
			`import { describe } from "./modules/description/description";\n${text}`,
		);
	}

	/** Runs the simulator to its end; what it printed with `--json`. */
	// biome-ignore lint/suspicious/noExplicitAny: lines of several kinds
	simulate(args: readonly string[]): { status: number | null; stderr: string; lines: any[] } {
		const command = [join(this.folder, "bin/vagalume.js"), "sim", "--headless", "--json", ...args];
		const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: this.folder, encoding: "utf8" });
		const lines = stdout.split("\n").filter((line) => line !== "");
		return { status, stderr, lines: lines.map((line) => JSON.parse(line)) };
	}

	remove(): void {
		rmSync(this.folder, { recursive: true });
	}
}
