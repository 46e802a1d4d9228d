import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * What the SDK's make asks of ESP-IDF before it compiles C: a repository with a version, and an `idf.py` that writes one header.
 * In a temporary folder, for the stages that need no ESP-IDF; it builds nothing.
 */
export class StandIn {
	readonly #folder = mkdtempSync(join(tmpdir(), "vagalume-idf-"));

	constructor() {
		const bin = join(this.#folder, "tools");
		mkdirSync(bin);
		const script = join(bin, "idf.py");
		writeFileSync(
			script,
			`#!/bin/sh
for word in "$@"; do
	case "$word" in SDKCONFIG_HEADER=*) mkdir -p "$(dirname "\${word#*=}")" && : > "\${word#*=}" ;; esac
done
`,
		);
		chmodSync(script, 0o755);
		const git = (...args: string[]) =>
			spawnSync("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd: this.#folder });
		git("init", "--quiet");
		git("commit", "--quiet", "--allow-empty", "--message", "empty");
		git("tag", "v6.0");
	}

	/** For the build's environment alone. */
	environment(path = process.env["PATH"] ?? ""): NodeJS.ProcessEnv {
		return { IDF_PATH: this.#folder, PATH: [join(this.#folder, "tools"), path].join(delimiter) };
	}

	remove(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
