import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as files from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { NodeFolder } from "../../hosts/desktop/node-folder";
import type { Folder } from "../../hosts/shared/folder";
import { KeyValueStore } from "../../hosts/shared/services/key-value-store";

const STRING = 1;

let directory: string;
let log: string[];
beforeEach(() => {
	directory = files.mkdtempSync(join(tmpdir(), "vagalume-nvs-"));
	log = [];
});
afterEach(() => files.rmSync(directory, { recursive: true }));

function open(folder: Folder = new NodeFolder(directory)): KeyValueStore {
	return new KeyValueStore(folder, (line) => void log.push(line));
}

function text(store: KeyValueStore, key: string): string | undefined {
	const value = store.read("test", key);
	return value && Buffer.from(value.bytes).toString();
}

function write(store: KeyValueStore, key: string, value: string): void {
	store.write("test", key, STRING, Buffer.from(value));
}

const path = () => join(directory, "nvs");

/** The power goes: nothing after this step happens. */
class PowerCut extends Error {}

/** A folder whose power goes after `steps` steps; each byte that is written is a step. */
function failing(steps: number, only: readonly string[] = ["open", "move", "truncate", "sync"]) {
	let left = steps;
	let cut = false;
	const step = (name?: string) => {
		if (name !== undefined && !only.includes(name)) return;
		if (cut || left-- <= 0) {
			cut = true;
			throw new PowerCut();
		}
	};
	const real = new NodeFolder(directory);
	const folder: Folder = {
		load: (name) => real.load(name),
		delete: (name) => real.delete(name),
		move(from, to) {
			step("move");
			real.move(from, to);
		},
		open(name, make) {
			step("open");
			const file = real.open(name, make);
			return (
				file && {
					get size() {
						return file.size;
					},
					read: (target, offset) => file.read(target, offset),
					write(bytes, offset) {
						bytes.forEach((_, index) => {
							step();
							file.write(bytes.subarray(index, index + 1), offset + index);
						});
					},
					truncate(size) {
						step("truncate");
						file.truncate(size);
					},
					sync: () => step("sync"),
					close: () => file.close(),
				}
			);
		},
	};
	return { folder, cut: () => cut };
}

describe("a power cut at every step of a write", () => {
	function everyStep(
		prepare: (store: KeyValueStore) => void,
		change: (store: KeyValueStore) => void,
		allowed: unknown[],
	): void {
		for (let steps = 0; ; steps++) {
			files.rmSync(directory, { recursive: true });
			prepare(open());
			const { folder, cut } = failing(steps);
			try {
				change(open(folder));
			} catch (error) {
				assert.ok(error instanceof PowerCut, String(error));
			}
			const after = open();
			const value = text(after, "key");
			assert.ok(allowed.includes(value), `after ${steps} steps: ${value}`);
			assert.equal(text(after, "other"), "stays", `after ${steps} steps`);
			write(after, "key", "later");
			assert.equal(text(open(), "key"), "later", `after ${steps} steps, written again`);
			if (!cut()) {
				assert.equal(value, allowed.at(-1));
				assert.ok(steps > 5, "nothing was cut");
				return;
			}
		}
	}
	const prepare = (store: KeyValueStore) => {
		write(store, "key", "old value");
		write(store, "other", "stays");
	};

	test("leaves the old value or the new one", () => {
		everyStep(prepare, (store) => write(store, "key", "new value"), ["old value", "new value"]);
	});

	test("leaves the old value or none, when it is deleted", () => {
		everyStep(prepare, (store) => store.delete("test", "key"), ["old value", undefined]);
	});

	test("also while a damaged file is repaired", () => {
		const damage = (store: KeyValueStore) => {
			prepare(store);
			files.appendFileSync(path(), "half a record");
		};
		everyStep(damage, (store) => write(store, "key", "new value"), ["old value", "new value"]);
	});
});

test("a process killed at random instants leaves the old value or the new one, for each of two keys in order", {
	timeout: 60_000,
}, async () => {
	const script = `
		import { NodeFolder } from ${JSON.stringify(new URL("../../hosts/desktop/node-folder.ts", import.meta.url).href)};
		import { KeyValueStore } from ${JSON.stringify(new URL("../../hosts/shared/services/key-value-store.ts", import.meta.url).href)};
		const store = new KeyValueStore(new NodeFolder(process.argv[1]), () => {});
		const read = (key) => Number(Buffer.from(store.read("test", key)?.bytes ?? "0").toString());
		process.stdout.write("ready\\n");
		for (let count = read("b") + 1; ; count++) for (const key of ["a", "b"])
			store.write("test", key, ${STRING}, Buffer.from(String(count).padStart(1 + (count * 37) % 300, "0")));
	`;
	const register = fileURLToPath(new URL("../support/register.js", import.meta.url));
	let last = 0;
	for (let round = 0; round < 12; round++) {
		const child = spawn(process.execPath, ["--import", register, "--input-type=module", "-e", script, directory], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		await new Promise((resolve) => child.stdout.once("data", resolve));
		await new Promise((resolve) => setTimeout(resolve, 3 + Math.random() * 40));
		const ended = new Promise((resolve) => child.once("close", resolve));
		child.kill("SIGKILL");
		await ended;
		const store = open();
		const [a, b] = [Number(text(store, "a") ?? 0), Number(text(store, "b") ?? 0)];
		assert.ok(a === b || a === b + 1, `round ${round}: a is ${a}, b is ${b}`);
		assert.ok(a >= last, `round ${round}: ${a} is older than ${last}`);
		last = b;
	}
	assert.ok(last > 50, `only ${last} rounds were written`);
});

test("a write that fails leaves the store and the file as they were", () => {
	const store = open();
	write(store, "key", "old");
	const other = open(failing(20, []).folder);
	assert.throws(() => write(other, "key", "a value too long for what is left of the disk"), PowerCut);
	assert.equal(text(other, "key"), "old");
	assert.equal(text(open(), "key"), "old");
	assert.deepEqual(log, []);
});

describe("damaged files", () => {
	test("a flipped bit costs that record only, is reported, and the damaged file is kept", () => {
		const store = open();
		for (const key of ["a", "b", "c"]) write(store, key, `value of ${key}`);
		const bytes = files.readFileSync(path());
		bytes[bytes.indexOf("value of b")]! ^= 1;
		files.writeFileSync(path(), bytes);
		const after = open();
		assert.deepEqual([text(after, "a"), text(after, "b"), text(after, "c")], ["value of a", undefined, "value of c"]);
		assert.match(log.join(), /damaged/);
		assert.ok(files.existsSync(`${path()}.corrupt`));
		log = [];
		assert.equal(text(open(), "c"), "value of c");
		assert.deepEqual(log, [], "it was repaired");
	});

	test("rubbish, an empty file and a directory in its place start empty", () => {
		files.writeFileSync(path(), "this is no key-value storage at all");
		assert.deepEqual(open().keys("test"), []);
		assert.match(log.join(), /damaged/);
		files.writeFileSync(path(), "");
		assert.deepEqual(open().keys("test"), []);
		files.rmSync(path());
		files.mkdirSync(path());
		const store = open();
		assert.deepEqual(store.keys("test"), []);
		assert.match(log.join(), /cannot be read/);
	});

	test("every prefix of a file loads", () => {
		const store = open();
		for (const key of ["a", "b"]) write(store, key, `value of ${key}`);
		const bytes = files.readFileSync(path());
		for (let length = 0; length <= bytes.length; length++) {
			files.writeFileSync(path(), bytes.subarray(0, length));
			const after = open();
			const values = [text(after, "a"), text(after, "b")];
			assert.ok(values[0] === "value of a" || (values[0] === undefined && values[1] === undefined), String(values));
		}
	});
});

test("the log is rewritten before it grows beyond bounds, and nothing is lost", () => {
	const store = open();
	write(store, "stays", "here");
	for (let count = 0; count < 5000; count++) write(store, "key", `value ${count}`);
	assert.ok(files.statSync(path()).size < 40_000, `${files.statSync(path()).size} bytes`);
	assert.equal(text(open(), "key"), "value 4999");
	assert.equal(text(open(), "stays"), "here");
});

test("entries are counted as NVS counts them, and given back", () => {
	const store = open();
	assert.equal(store.used, 0);
	store.write("one", "number", 2, Uint8Array.of(7));
	assert.equal(store.used, 2, "namespace and number");
	store.write("one", "text", STRING, Buffer.alloc(31, "x"));
	assert.equal(store.used, 4, "a string of 32 bytes with its zero");
	store.write("one", "blob", 0, Buffer.alloc(64));
	assert.equal(store.used, 8, "a blob: index, header, data");
	assert.equal(open().used, 8);
	for (const key of ["number", "text", "blob"]) store.delete("one", key);
	assert.equal(store.used, 0);
});

test("writing the same value again writes nothing", () => {
	const store = open();
	write(store, "key", "value");
	const { size } = files.statSync(path());
	write(store, "key", "value");
	assert.equal(files.statSync(path()).size, size);
});
