import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { keyId, readPublicKeys, readText } from "../../sim/release-keys";
import { UsageError } from "../../sim/usage";
import { passphraseFor } from "./passphrase";

export const usage = `usage: vagalume keys new --out DIR [--no-passphrase | --passphrase-file FILE]
       vagalume keys show FILE...

  new     makes a key that signs releases (Ed25519): DIR/release.key, for you alone, and DIR/release.pub, for the nodes
  show    tells which keys a file has: nodes name them so

The private key is encrypted with a passphrase (PKCS #8). It is asked for, or read from a file or from
VAGALUME_PASSPHRASE. --no-passphrase leaves it open: for tests only.
`;

/** At least so many characters, for who has the file may try as many as he likes. */
const SHORTEST = 12;

/** `vagalume keys`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	const [action, ...rest] = args;
	if (action === undefined || args.includes("--help") || args.includes("-h")) {
		process.stdout.write(usage);
		return 0;
	}
	try {
		if (action === "new") return await make(rest);
		if (action === "show") return show(rest);
		throw new UsageError(`"${action}": expected new or show`);
	} catch (error) {
		if (!(error instanceof UsageError) && !String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS"))
			throw error;
		process.stderr.write(`vagalume keys: ${(error as Error).message}\n\n${usage}`);
		return 2;
	}
}

async function make(args: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...args],
		options: { out: { type: "string" }, "no-passphrase": { type: "boolean" }, "passphrase-file": { type: "string" } },
	});
	if (!values.out) throw new UsageError("--out DIR is missing: the folder for the two files");
	const [secret, open] = [join(values.out, "release.key"), join(values.out, "release.pub")];
	for (const file of [secret, open]) {
		if (!existsSync(file)) continue;
		process.stderr.write(
			`vagalume keys: ${file} is there already, and is not overwritten: what it signed would be lost\n`,
		);
		return 1;
	}
	const passphrase = values["no-passphrase"] ? undefined : await passphraseFor(values["passphrase-file"], true);
	if (passphrase !== undefined && passphrase.length < SHORTEST)
		throw new UsageError(`the passphrase has ${passphrase.length} characters, expected ${SHORTEST} at least`);
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	const format = { format: "pem", type: "pkcs8" } as const;
	const pem = privateKey.export(passphrase === undefined ? format : { ...format, cipher: "aes-256-cbc", passphrase });
	mkdirSync(values.out, { recursive: true });
	writeFileSync(secret, pem, { mode: 0o600, flag: "wx" });
	writeFileSync(open, publicKey.export({ format: "pem", type: "spki" }), { flag: "wx" });
	process.stdout.write(
		`key ${keyId(publicKey)}\n  ${secret}  signs releases: keep it, and a copy of it, away from the network\n`,
	);
	process.stdout.write(`  ${open}  is what nodes trust: vagalume sim --release-key ${open}\n`);
	if (passphrase === undefined)
		process.stdout.write("  It has no passphrase: who gets the file can update your nodes.\n");
	return 0;
}

function show(files: readonly string[]): number {
	if (files.length === 0) throw new UsageError("show: a file is missing");
	for (const file of files) for (const key of readPublicKeys(file)) process.stdout.write(`${keyId(key)}  ${file}\n`);
	return 0;
}

/** The key that signs. Asks for its passphrase when it has one. Throws UsageError. */
export async function readPrivateKey(file: string, passphraseFile: string | undefined): Promise<KeyObject> {
	const pem = readText(file);
	const passphrase = pem.includes("ENCRYPTED") ? await passphraseFor(passphraseFile, false) : undefined;
	let key: KeyObject;
	try {
		key = createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
	} catch {
		const why = passphrase === undefined ? "no private key (PEM) in it" : "the passphrase is not that of this key";
		throw new UsageError(`${file}: ${why}`);
	}
	if (key.asymmetricKeyType !== "ed25519")
		throw new UsageError(`${file}: a key of ${key.asymmetricKeyType}, expected one of Ed25519`);
	return key;
}
