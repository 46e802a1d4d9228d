import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packArchive } from "../../hosts/desktop/firmware/archive";
import { CompileError } from "../../hosts/desktop/firmware/compiler";
import { FirmwareLoader } from "../../hosts/desktop/firmware/loader";
import { PARTITIONS } from "../../hosts/shared/services/flash-store";
import { imageFile } from "../../modules/update/image-file";
import type { Image, Release } from "../../modules/update/release";
import { isVersion, sequenceOf } from "../../modules/update/version";
import { rawKey, readPublicKeys } from "../../sim/release-keys";
import { UsageError } from "../../sim/usage";
import { loadNode } from "../load-node";
import { root } from "../root";
import { readPrivateKey } from "./keys";
import { signRelease } from "./sign";

const DAY = 86_400;
const LIFETIME = 365 * DAY;
/** The image for the simulator. */
const SIMULATOR = "simulator";

export const usage = `usage: vagalume release --key FILE --version V --out DIR [options]

Makes a release of this project's firmware: DIR/release.jws, what it is, signed, and an image a board.

  --key FILE              the private key (vagalume keys new)
  --passphrase-file FILE  its passphrase; otherwise VAGALUME_PASSPHRASE, or it is asked for
  --version V             such as 1.4.0
  --out DIR               a new folder
  --image BOARD=FILE      an image beside that of the simulator; may be given several times
  --summary TEXT          what is new
  --minimum V             the lowest version that a node may run once it runs this one (0.0.0)
  --sequence N            grows from release to release; follows from V when left out
  --expires DATE          from then on nodes refuse it, such as 2027-12-31; one year after the sources' date when left out
  --trust FILE            public keys (PEM) that nodes trust once they run this one, and no others: for a change-over

The same sources make the same bytes: their date is that of the last commit, or SOURCE_DATE_EPOCH.
`;

const declared = {
	key: { type: "string" },
	"passphrase-file": { type: "string" },
	version: { type: "string" },
	out: { type: "string" },
	image: { type: "string", multiple: true },
	summary: { type: "string" },
	minimum: { type: "string" },
	sequence: { type: "string" },
	expires: { type: "string" },
	trust: { type: "string" },
} as const;

/** `vagalume release`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) {
		process.stdout.write(usage);
		return 0;
	}
	try {
		return await make(parseArgs({ args: [...args], options: declared }).values);
	} catch (error) {
		if (error instanceof CompileError) {
			process.stderr.write(`${error.message}\n`);
			return 1;
		}
		if (!(error instanceof UsageError) && !String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS"))
			throw error;
		process.stderr.write(
			`vagalume release: ${(error as Error).message}\n('vagalume release --help' lists the options)\n`,
		);
		return 2;
	}
}

type Values = ReturnType<typeof parseArgs<{ options: typeof declared }>>["values"];

async function make(values: Values): Promise<number> {
	const { out, summary } = values;
	const version = versionOf("--version", values.version);
	const minimum = versionOf("--minimum", values.minimum ?? "0.0.0");
	if (!values.key) throw new UsageError("--key FILE is missing: the key that signs (vagalume keys new makes one)");
	if (!out) throw new UsageError("--out DIR is missing: a new folder for the release");
	if (existsSync(join(out, "release.jws"))) throw new UsageError(`--out ${out}: there is a release in it already`);
	const { node, faults } = await loadNode();
	if (faults.length > 0) {
		for (const fault of faults) process.stderr.write(`node.ts: ${fault}\n`);
		return 1;
	}
	const key = await readPrivateKey(values.key, values["passphrase-file"]);
	const images = imagesFor(version, values.image ?? []);
	const entries: Record<string, Image> = {};
	for (const [board, bytes] of [...images].sort(([a], [b]) => (a < b ? -1 : 1)))
		entries[board] = { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("base64url") };
	const release: Release = {
		name: node.name,
		version,
		sequence: sequence(values.sequence, version),
		minimum,
		expires: expiry(values.expires),
		...(summary !== undefined && { summary }),
		images: entries,
		...(values.trust !== undefined && {
			keys: readPublicKeys(values.trust).map((key) => rawKey(key).toString("base64url")),
		}),
	};
	const signed = signRelease(release, key);
	mkdirSync(out, { recursive: true });
	for (const [board, bytes] of images) writeFileSync(join(out, imageFile(board)), bytes);
	writeFileSync(join(out, "release.jws"), signed);
	report(out, release);
	return 0;
}

function report(out: string, { name, version, sequence, expires, images }: Release): void {
	const date = new Date(expires * 1000).toISOString().slice(0, 10);
	process.stdout.write(`${name} ${version}, sequence number ${sequence}, until ${date}: ${out}\n`);
	for (const [board, { size, sha256 }] of Object.entries(images))
		process.stdout.write(`  ${imageFile(board).padEnd(24)} ${`${size}`.padStart(9)} bytes  SHA-256 ${sha256}\n`);
}

function versionOf(option: string, text: string | undefined): string {
	if (!isVersion(text)) throw new UsageError(`${option} ${text ?? "is missing"}: expected a version such as 1.4.0`);
	return text;
}

function imagesFor(version: string, given: readonly string[]): Map<string, Uint8Array> {
	const images = new Map<string, Uint8Array>([[SIMULATOR, packArchive(new FirmwareLoader(root), root, version)]]);
	for (const text of given) {
		const [, board, file] = /^([\w./-]+)=(.+)$/.exec(text) ?? [];
		if (board === undefined || file === undefined)
			throw new UsageError(`--image ${text}: expected BOARD=FILE, such as esp32=build/vagalume.bin`);
		if (images.has(board)) throw new UsageError(`--image ${text}: there is one for ${board} already`);
		try {
			images.set(board, readFileSync(file));
		} catch (error) {
			throw new UsageError(`--image ${text}: ${(error as Error).message}`);
		}
	}
	const room = PARTITIONS.find(({ label }) => label === "ota_0")!.size;
	for (const [board, { length }] of images) {
		if (length === 0) throw new UsageError(`the image for ${board} is empty`);
		if (length > room) throw new UsageError(`the image for ${board} has ${length} bytes, a slot ${room}`);
	}
	return images;
}

function sequence(text: string | undefined, version: string): number {
	if (text === undefined) {
		if (!version.includes("-")) return Math.max(1, sequenceOf(version));
		throw new UsageError(`--version ${version}: a pre-release needs a --sequence N of its own`);
	}
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value))
		throw new UsageError(`--sequence ${text}: expected a whole number from 1 up`);
	return value;
}

function expiry(text: string | undefined): number {
	const now = Date.now() / 1000;
	const expires = text === undefined ? sourceDate() + LIFETIME : Date.parse(text) / 1000;
	if (Number.isNaN(expires)) throw new UsageError(`--expires ${text}: expected a date such as 2027-12-31`);
	if (expires <= now && text === undefined)
		throw new UsageError("the sources are more than a year old, and so would the release be over: give --expires DATE");
	return Math.floor(expires);
}

/** When the sources were last changed, in seconds since 1970: at midnight, where only the day is known. */
function sourceDate(): number {
	const given = process.env["SOURCE_DATE_EPOCH"];
	if (given !== undefined) {
		if (!/^\d+$/.test(given)) throw new UsageError(`SOURCE_DATE_EPOCH=${given}: expected seconds since 1970`);
		return Number(given);
	}
	const { status, stdout } = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" });
	return status === 0 && stdout.trim() !== "" ? Number(stdout) : Math.floor(Date.now() / 1000 / DAY) * DAY;
}
