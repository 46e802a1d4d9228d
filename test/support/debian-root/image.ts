import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../tools/root";

/** Debian 12: its mosquitto (2.0.11) is Ubuntu 22.04's too. */
const SUITE = "bookworm";
const VARIANT = "minbase";
/** What images for the cloud have, and the user data does not ask for. */
const INCLUDED = ["cloud-init", "sudo"];
/** Where roots and the packages that were fetched for them are kept. */
export const cache = join(root, "build/debian-root");

const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
const programs = ["debootstrap", "unshare", "nsenter", "ip"];

/** For the `skip` option of a test: why it cannot make a Debian root here, or false. */
export const withoutDebianRoot: string | false = obstacle();

function obstacle(): string | false {
	if (process.env["VAGALUME_ROOT"] !== "1") return "VAGALUME_ROOT=1 is not set: it fetches and installs a Debian 12";
	if (process.getuid?.() !== 0) return "a Debian root is made by root only";
	const missing = programs.find((program) => spawnSync("which", [program], { env }).status !== 0);
	if (missing) return `${missing} is not installed`;
	return sources().length === 0 && `the apt of this machine has no mirror of Debian ${SUITE}`;
}

/** The lines of a sources.list for the root: the mirrors that this machine's apt uses for that Debian. */
function sources(): string[] {
	const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
	const { stdout } = spawnSync("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], {
		encoding: "utf8",
	});
	const suites = ["", "-updates", "-security"].map((suffix) => `${SUITE}${suffix}`);
	const lines = (stdout ?? "").split("\n").filter((line) => {
		const [, release = "", component] = line.split(" ");
		return suites.includes(release) && component === "main";
	});
	return [...new Set(lines)].map((line) => `deb ${line}`).sort();
}

/** Not by debootstrap's --include: it installs the wrong ones of the packages that stand for each other. */
const INSTALL = `
set -e
root=$1
shift
mount -t proc proc "$root/proc"
export DEBIAN_FRONTEND=noninteractive
chroot "$root" apt-get --quiet update
chroot "$root" apt-get --quiet --assume-yes --no-install-recommends install "$@"
chroot "$root" apt-get clean
`;

/** In a mount namespace of its own: what the command mounts goes with it, also when it is interrupted. */
function separately(command: readonly string[]): void {
	const { status, stdout, stderr } = spawnSync("unshare", ["--mount", ...command], { env, encoding: "utf8" });
	if (status !== 0) throw new Error(`${command[0]}: ${status}: ${stdout.slice(-2_000)}${stderr}`);
}

/** Gives a root what it needs of this machine to fetch packages; and no package may start a service in it. */
export function prepare(directory: string): void {
	copyFileSync("/etc/resolv.conf", join(directory, "etc/resolv.conf"));
	const apt = execFileSync("apt-config", ["dump"], { encoding: "utf8" });
	const proxy = apt.split("\n").filter((line) => /^Acquire::\w+::Proxy\b/i.test(line));
	writeFileSync(join(directory, "etc/apt/apt.conf.d/00machine"), `${proxy.join("\n")}\n`);
	writeFileSync(join(directory, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
}

/** A clean Debian (tar): made by debootstrap, and kept until the mirrors or debootstrap are others. Throws when it fails. */
export function debianRoot(): string {
	const lines = sources();
	const version = execFileSync("debootstrap", ["--version"], { env, encoding: "utf8" });
	const key = createHash("sha256").update(JSON.stringify([SUITE, VARIANT, INCLUDED, process.arch, version, lines]));
	const file = join(cache, `${SUITE}-${key.digest("hex").slice(0, 16)}.tar`);
	if (existsSync(file)) return file;
	mkdirSync(cache, { recursive: true });
	const made = mkdtempSync(join(cache, "new-"));
	const mirror = lines.find((line) => line.split(" ")[2] === SUITE)?.split(" ")[1];
	if (!mirror) throw new Error(`apt names no mirror of ${SUITE} itself, only of its updates: ${lines.join("; ")}`);
	try {
		// In a mount namespace of its own: what debootstrap mounts goes with it, also when it is interrupted.
		const directory = join(made, "root");
		separately(["debootstrap", `--variant=${VARIANT}`, SUITE, directory, mirror]);
		writeFileSync(join(directory, "etc/apt/sources.list"), `${lines.join("\n")}\n`);
		prepare(directory);
		separately(["sh", "-c", INSTALL, "install", directory, ...INCLUDED]);
		execFileSync("tar", ["--numeric-owner", "-C", join(made, "root"), "-cf", join(made, "tar"), "."]);
		renameSync(join(made, "tar"), file);
	} finally {
		rmSync(made, { recursive: true });
	}
	return file;
}
