import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { cache } from "./image";
import type { DebianMachine, Said } from "./machine";

interface WriteFile {
	readonly path: string;
	readonly content: string;
	readonly permissions?: string;
	readonly owner?: string;
	readonly encoding?: string;
}

/** What of cloud-config is used here. */
export interface CloudConfig {
	readonly package_update?: boolean;
	readonly package_upgrade?: boolean;
	readonly packages?: readonly string[];
	readonly write_files?: readonly WriteFile[];
	readonly runcmd?: readonly (string | readonly string[])[];
	/** Changes the settings of an SSH server, which a minimal Debian has not. */
	readonly ssh_pwauth?: boolean;
}
const known = ["package_update", "package_upgrade", "packages", "write_files", "runcmd", "ssh_pwauth"];
const keptPackages = join(cache, "packages");

/** Reads user data. Throws when it has a step that is not one of those that are applied here. */
export function readUserData(text: string): CloudConfig {
	if (!text.startsWith("#cloud-config\n")) throw new Error("the user data does not begin with #cloud-config");
	const config = parse(text) as CloudConfig;
	for (const key of Object.keys(config))
		if (!known.includes(key)) throw new Error(`the user data has "${key}", which the test does not apply: teach it`);
	return config;
}

/** cloud-init's module write_files, as root, at its place: before the packages are installed. */
export function writeFiles(machine: DebianMachine, { write_files = [] }: CloudConfig): void {
	const script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1" && chown "$3" "$1"';
	for (const { path, content, permissions = "0644", owner = "root:root", encoding = "text/plain" } of write_files) {
		if (encoding !== "b64" && encoding !== "text/plain")
			throw new Error(`${path}: encoding ${encoding} is not applied`);
		const bytes = Buffer.from(content, encoding === "b64" ? "base64" : "utf8");
		machine.do(["sh", "-c", script, "write", path, permissions, owner], bytes);
	}
}

/** cloud-init's module package_update_upgrade_install, with the options that it gives to apt. */
export function installPackages(machine: DebianMachine, config: CloudConfig): void {
	const options = ["--option=Dpkg::Options::=--force-confold", "--option=Dpkg::options::=--force-unsafe-io"];
	const apt = (...words: string[]) =>
		machine.do(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...options, "--assume-yes", "--quiet", ...words]);
	const archives = machine.file("/var/cache/apt/archives");
	if (existsSync(keptPackages)) copyPackages(keptPackages, archives);
	if (config.package_update || config.package_upgrade) apt("update");
	if (config.package_upgrade) apt("dist-upgrade");
	if (config.packages) apt("install", ...config.packages);
	// What was fetched is kept for the next time, unless newer is there; apt checks it against what the mirror says.
	apt("autoclean");
	rmSync(keptPackages, { recursive: true, force: true });
	mkdirSync(keptPackages, { recursive: true });
	copyPackages(archives, keptPackages);
}

/** cloud-init's modules runcmd and scripts_user: one script of all commands, which fails as its last one does. */
export function runCommands(machine: DebianMachine, { runcmd = [] }: CloudConfig): Said {
	const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
	const lines = runcmd.map((command) => (typeof command === "string" ? command : command.map(quoted).join(" ")));
	const path = "/var/lib/cloud/instance/scripts/runcmd";
	writeFiles(machine, {
		write_files: [{ path, content: `#!/bin/sh\n${lines.join("\n")}\n`, permissions: "0700" }],
	});
	return machine.run([path]);
}

function copyPackages(from: string, to: string): void {
	for (const name of readdirSync(from))
		if (name.endsWith(".deb") && !existsSync(join(to, name))) copyFileSync(join(from, name), join(to, name));
}
