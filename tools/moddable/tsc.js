#!/usr/bin/env node
/**
 * Stands for `tsc` while `vagalume moddable` builds: mcconfig compiles each file by a `tsc` of its own, which takes minutes.
 * The first call compiles all files of the build as one program, strictly, and puts each result where its own call would
 * have put it; the others find theirs there. Any call that is not mcconfig's goes to the real tsc.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

function run(...args) {
	return spawnSync(process.execPath, [tsc, ...args], { stdio: "inherit" }).status ?? 1;
}

function modified(path) {
	return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** What mcconfig wrote about one file: where it is, and where its result goes. */
function readConfig(path) {
	const { extends: base, files, compilerOptions } = JSON.parse(readFileSync(path, "utf8"));
	const [source] = files;
	return { base, source, target: join(compilerOptions.outDir, source.replace(/\.ts$/, ".js")) };
}

function isFresh({ base, source, target }) {
	return modified(target) > Math.max(modified(source), modified(base));
}

/** Compiles everything; returns the exit status. */
function compileAll(base) {
	const folder = dirname(base);
	const configs = readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith("-tsconfig.json"))
		.map((name) => readConfig(join(folder, name)));
	const output = join(dirname(folder), "compiled");
	mkdirSync(output, { recursive: true });
	const project = join(output, "tsconfig.json");
	const compilerOptions = { rootDir: "/", outDir: output, noEmitOnError: true };
	writeFileSync(
		project,
		JSON.stringify({ extends: base, compilerOptions, files: configs.map(({ source }) => source) }),
	);
	const status = run("-p", project, "--pretty", "false");
	if (status !== 0) return status;
	for (const { source, target } of configs) {
		const compiled = join(output, source.replace(/\.ts$/, ".js"));
		mkdirSync(dirname(target), { recursive: true });
		const map = JSON.parse(readFileSync(`${compiled}.map`, "utf8"));
		map.sources = [relative(dirname(target), source)];
		writeFileSync(`${target}.map`, JSON.stringify(map));
		writeFileSync(target, readFileSync(compiled));
	}
	return 0;
}

/** Waits for its turn: make calls several at once. */
function lock(path) {
	for (let tries = 0; tries < 6000; tries++) {
		try {
			mkdirSync(path);
			return true;
		} catch {
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
		}
	}
	return false;
}

function compile(path) {
	const config = readConfig(path);
	if (isFresh(config)) return 0;
	const turn = join(dirname(dirname(config.base)), "compiling");
	if (!lock(turn)) {
		process.stderr.write(`${turn} is in the way: remove it, if nothing is being built\n`);
		return 1;
	}
	try {
		// While it waited, another call may have compiled this file too, or found that it cannot be.
		if (isFresh(config)) return 0;
		const failed = join(dirname(turn), "failed");
		const newest = Math.max(modified(config.source), modified(config.base));
		if (
			modified(failed) > newest &&
			Date.now() - modified(failed) < 60_000 &&
			process.ppid === Number(readFileSync(failed, "utf8"))
		)
			return 1;
		const status = compileAll(config.base);
		if (status !== 0) writeFileSync(failed, String(process.ppid));
		return status;
	} finally {
		rmdirSync(turn);
	}
}

const [option, path = "", ...rest] = process.argv.slice(2);
const ours = option === "-p" && path.endsWith("-tsconfig.json") && rest.length === 0;
process.exitCode = ours ? compile(path) : run(...process.argv.slice(2));
