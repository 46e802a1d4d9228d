import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../tools/root";

/** Debian 12: its mosquitto (2.0.11) is Ubuntu 22.04's too. */
const SUITE = "bookworm";
const VARIANT = "minbase";
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

/** A clean Debian (tar): made by debootstrap, and kept until the mirrors or debootstrap are others. Throws when it fails. */
export function debianRoot(): string {
	const lines = sources();
	const version = execFileSync("debootstrap", ["--version"], { env, encoding: "utf8" });
	const key = createHash("sha256").update(JSON.stringify([SUITE, VARIANT, process.arch, version, lines]));
	const file = join(cache, `${SUITE}-${key.digest("hex").slice(0, 16)}.tar`);
	if (existsSync(file)) return file;
	mkdirSync(cache, { recursive: true });
	const made = mkdtempSync(join(cache, "new-"));
	const mirror = lines.find((line) => line.split(" ")[2] === SUITE)?.split(" ")[1];
	if (!mirror) throw new Error(`apt names no mirror of ${SUITE} itself, only of its updates: ${lines.join("; ")}`);
	try {
		// In a mount namespace of its own: what debootstrap mounts goes with it, also when it is interrupted.
		const steps = ["--mount", "--fork", "debootstrap", `--variant=${VARIANT}`, SUITE, join(made, "root"), mirror];
		const { status, stdout, stderr } = spawnSync("unshare", steps, { env, encoding: "utf8" });
		if (status !== 0) throw new Error(`debootstrap: ${status}: ${stdout.slice(-2_000)}${stderr}`);
		writeFileSync(join(made, "root/etc/apt/sources.list"), `${lines.join("\n")}\n`);
		execFileSync("tar", ["--numeric-owner", "-C", join(made, "root"), "-cf", join(made, "tar"), "."]);
		renameSync(join(made, "tar"), file);
	} finally {
		rmSync(made, { recursive: true });
	}
	return file;
}
