import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, createPrivateKey } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ArchiveError, ArchiveLoader, archiveOf } from "../../hosts/desktop/firmware/archive";
import { buildArchivedRom } from "../../hosts/desktop/firmware/build-rom";
import { FirmwareLoader } from "../../hosts/desktop/firmware/loader";
import { SignedRelease } from "../../modules/update/release";
import { keyId, rawKey, readPublicKeys } from "../../sim/release-keys";
import { root } from "../../tools/root";

const folder = mkdtempSync(join(tmpdir(), "vagalume-release-"));
after(() => rmSync(folder, { recursive: true }));

function vagalume(...args: string[]) {
	const env = { ...process.env, SOURCE_DATE_EPOCH: "1790000000", VAGALUME_PASSPHRASE: undefined };
	return spawnSync(process.execPath, ["bin/vagalume.js", ...args], { cwd: root, encoding: "utf8", env, input: "" });
}

const at = (...names: string[]) => join(folder, ...names);
const open = at("open", "release.key");

describe("vagalume keys", () => {
	test("new writes a private key for its owner alone, and a public one", () => {
		const { status, stdout } = vagalume("keys", "new", "--out", at("open"), "--no-passphrase");
		assert.equal(status, 0);
		assert.match(stdout, /no passphrase/);
		assert.equal(statSync(open).mode & 0o777, 0o600);
		const [key] = readPublicKeys(at("open", "release.pub"));
		assert.match(stdout, new RegExp(keyId(key!)));
		assert.match(vagalume("keys", "show", at("open", "release.pub")).stdout, new RegExp(keyId(key!)));
	});

	test("new encrypts the private key with a passphrase, which is not short", () => {
		writeFileSync(at("passphrase"), "correct horse battery\n");
		writeFileSync(at("short"), "short\n");
		const make = (...rest: string[]) => vagalume("keys", "new", "--out", at("closed"), ...rest);
		assert.match(make("--passphrase-file", at("short")).stderr, /5 characters, expected 12 at least/);
		assert.match(make().stderr, /a passphrase is needed/);
		assert.equal(make("--passphrase-file", at("passphrase")).status, 0);
		const pem = readFileSync(at("closed", "release.key"), "utf8");
		assert.match(pem, /ENCRYPTED PRIVATE KEY/);
		assert.throws(() => createPrivateKey({ key: pem, passphrase: "wrong" }));
		assert.equal(createPrivateKey({ key: pem, passphrase: "correct horse battery" }).asymmetricKeyType, "ed25519");
	});

	test("new never overwrites a key", () => {
		const before = readFileSync(open, "utf8");
		const { status, stderr } = vagalume("keys", "new", "--out", at("open"), "--no-passphrase");
		assert.equal(status, 1);
		assert.match(stderr, /is not overwritten/);
		assert.equal(readFileSync(open, "utf8"), before);
	});

	test("what is wrong is said, with status 2", () => {
		for (const [args, about] of [
			[["make"], /"make": expected new or show/],
			[["new"], /--out DIR is missing/],
			[["show"], /a file is missing/],
			[["show", open], /no public key/],
			[["show", at("none")], /ENOENT/],
		] as const) {
			const { status, stderr } = vagalume("keys", ...args);
			assert.equal(status, 2, args.join(" "));
			assert.match(stderr, about);
		}
	});
});

describe("vagalume release", () => {
	const release = (out: string, ...rest: string[]) =>
		vagalume("release", "--key", open, "--version", "1.1.0", "--out", at(out), ...rest);

	test("makes the same bytes of the same sources, and says what it made", () => {
		const { status, stdout, stderr } = release("one", "--summary", "Olá");
		assert.equal(status, 0, stderr);
		assert.match(stdout, /1\.1\.0, sequence number 10000100000, until 2027-09-21/);
		assert.equal(release("two", "--summary", "Olá").status, 0);
		for (const file of ["release.jws", "simulator.bin"])
			assert.deepEqual(readFileSync(at("one", file)), readFileSync(at("two", file)), file);
	});

	test("is signed, and names its images by their hash", () => {
		writeFileSync(at("board.bin"), "an image of a board");
		release(
			"board",
			"--image",
			`esp32/esp32c3=${at("board.bin")}`,
			"--minimum",
			"1.0.0",
			"--trust",
			at("closed", "release.pub"),
		);
		const [key] = readPublicKeys(at("open", "release.pub"));
		const trusted = { id: keyId(key!), bytes: new Uint8Array(rawKey(key!)) };
		const signed = new SignedRelease(readFileSync(at("board", "release.jws"), "utf8"), [trusted]);
		let found = signed.step();
		while (!found) found = signed.step();
		assert.equal(found.version, "1.1.0");
		assert.equal(found.minimum, "1.0.0");
		assert.deepEqual(found.keys, [rawKey(readPublicKeys(at("closed", "release.pub"))[0]!).toString("base64url")]);
		for (const [board, file] of [
			["simulator", "simulator.bin"],
			["esp32/esp32c3", "esp32-esp32c3.bin"],
		] as const) {
			const bytes = readFileSync(at("board", file));
			const sha256 = createHash("sha256").update(bytes).digest("base64url");
			assert.deepEqual(found.images[board], { size: bytes.length, sha256 });
		}
	});

	test("asks for the passphrase of an encrypted key, and says when it is wrong", () => {
		const closed = ["release", "--key", at("closed", "release.key"), "--version", "1.2.0", "--out", at("three")];
		assert.match(vagalume(...closed).stderr, /a passphrase is needed/);
		assert.match(vagalume(...closed, "--passphrase-file", at("short")).stderr, /not that of this key/);
		assert.equal(vagalume(...closed, "--passphrase-file", at("passphrase")).status, 0);
	});

	test("what is wrong is said, with status 2, and nothing is written", () => {
		chmodSync(open, 0o600);
		for (const [args, about] of [
			[["--version", "1.1"], /--version 1.1: expected a version/],
			[["--version", "1.1.0-rc.1"], /needs a --sequence/],
			[["--sequence", "0"], /--sequence 0: expected a whole number/],
			[["--expires", "soon"], /--expires soon: expected a date/],
			[["--image", "esp32"], /--image esp32: expected BOARD=FILE/],
			[["--image", "simulator=x"], /one for simulator already/],
			[["--image", `esp32=${at("none")}`], /ENOENT/],
			[["--key", at("open", "release.pub")], /no private key/],
			[["--summary", "x".repeat(4000)], /shorten --summary/],
			[["--trust", open], /no public key/],
			[["--nonsense"], /nonsense/],
		] as const) {
			const { status, stderr } = release("bad", ...args);
			assert.equal(status, 2, args.join(" "));
			assert.match(stderr, about);
			assert.throws(() => statSync(at("bad")), args.join(" "));
		}
		assert.match(release("one").stderr, /a release in it already/);
	});
});

describe("the simulator's image", () => {
	const bytes = () => readFileSync(at("one", "simulator.bin"));

	test("is a whole firmware: a ROM can be made of it", () => {
		const { rom, version } = buildArchivedRom(root, bytes());
		assert.equal(version, "1.1.0");
		rom.close();
	});

	/** The modules of the image: code by path. */
	const modules = () =>
		bytes()
			.toString()
			.trimEnd()
			.split("\n")
			.slice(1, -1)
			.map((line) => JSON.parse(line) as [string, string]);

	test("has the firmware and no part of the host", () => {
		const paths = modules().map(([path]) => path);
		assert.ok(paths.includes("main.ts") && paths.includes("node.ts") && paths.includes("modules/mqtt/session.ts"));
		assert.deepEqual(
			paths.filter((path) => path.startsWith("hosts/")),
			[],
		);
		assert.deepEqual(paths, [...paths].sort());
	});

	test("damaged or incomplete: an error that says so, not a crash", () => {
		const host = new FirmwareLoader(root);
		const load = (text: string | Uint8Array) => new ArchiveLoader(Buffer.from(text), root, host);
		assert.throws(() => load(""), ArchiveError);
		assert.throws(() => load("ELF\n"), /no archive of the form/);
		assert.throws(() => load(bytes().subarray(0, 5000)), /SHA-256/);
		const flipped = bytes();
		flipped[5000]! ^= 1;
		assert.throws(() => load(flipped), /SHA-256/);
		const without = (path: string) =>
			archiveOf(
				"1.1.0",
				modules().filter(([name]) => name !== path),
			);
		assert.throws(() => load(without("main.ts")), /main.ts is missing/);
		assert.throws(() => buildArchivedRom(root, without("node.ts")), /module ".\/node" not found/);
	});
});
