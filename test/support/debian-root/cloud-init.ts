import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { cache } from "./image";
import type { DebianMachine, Said } from "./machine";

/** The steps that a broker's user data asks for, and the modules of cloud-init that take them, in cloud-init's order. */
const modules = {
	cloud_init_modules: ["write-files"],
	cloud_config_modules: ["runcmd"],
	cloud_final_modules: ["package-update-upgrade-install", "scripts-user"],
};
const steps = ["write_files", "packages", "package_update", "package_upgrade", "runcmd"];
/** Sets up an SSH server: left out, for a minimal Debian has none. */
const leftOut = ["ssh_pwauth"];
const keptPackages = join(cache, "packages");

export interface WrittenFile {
	readonly path: string;
	readonly permissions: string;
	readonly content: string;
	readonly encoding?: string;
}

/**
 * Debian's cloud-init in a machine, stage by stage as at a first boot, with user data that lies there (NoCloud). Only the modules
 * that the user data needs run: others would set up disks and the network, which are this machine's.
 */
export class CloudInit {
	readonly files: readonly WrittenFile[];
	readonly #machine: DebianMachine;

	/** Throws when the user data has a step that does not run here. */
	constructor(machine: DebianMachine, userData: string) {
		this.#machine = machine;
		const config = parse(userData) as { write_files: WrittenFile[] };
		for (const key of Object.keys(config))
			if (!steps.includes(key) && !leftOut.includes(key))
				throw new Error(`the user data has "${key}": add the module of cloud-init that takes it`);
		this.files = config.write_files;
		// JSON is YAML.
		const settings = { datasource_list: ["NoCloud"], network: { config: "disabled" }, ...modules };
		machine.write("/etc/cloud/cloud.cfg.d/99-stand-in.cfg", JSON.stringify(settings));
		machine.write("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: first\n");
		machine.write("/var/lib/cloud/seed/nocloud/user-data", userData, 0o600);
		machine.write("/run/cloud-init/enabled", "");
	}

	/** The stage `init`: user data is read, files are written. */
	init(): void {
		this.#machine.do(["cloud-init", "init"]);
	}

	/** The stage `config`, and the packages of the stage `final`. Fetches them from the mirror. */
	installPackages(): void {
		const archives = this.#machine.file("/var/cache/apt/archives");
		if (existsSync(keptPackages)) copyPackages(keptPackages, archives);
		this.#machine.do(["cloud-init", "modules", "--mode=config"]);
		this.#machine.do(["cloud-init", "single", "--name", "package-update-upgrade-install"]);
		// What was fetched is kept for the next time, unless newer is there; apt checks it against what the mirror says.
		this.#machine.do(["apt-get", "autoclean"]);
		rmSync(keptPackages, { recursive: true, force: true });
		mkdirSync(keptPackages, { recursive: true });
		copyPackages(archives, keptPackages);
	}

	/** The stage `final`: runs the user data's commands, which are done again when they were before. */
	final(): Said {
		const former = ["/run/cloud-init/status.json", "/run/cloud-init/result.json"];
		this.#machine.do(["rm", "-f", ...former, "/var/lib/cloud/instance/sem/config_scripts_user"]);
		return this.#machine.run(["cloud-init", "modules", "--mode=final"]);
	}

	/** What `cloud-init status` says: `done` or `error`, and why. */
	status(): string {
		return this.#machine.run(["cloud-init", "status", "--long"]).said;
	}
}

function copyPackages(from: string, to: string): void {
	for (const name of readdirSync(from))
		if (name.endsWith(".deb") && !existsSync(join(to, name))) copyFileSync(join(from, name), join(to, name));
}
