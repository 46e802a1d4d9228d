import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { UsageError } from "../../sim/usage";

/** A passphrase from a file, from VAGALUME_PASSPHRASE, or from the person at the terminal, who sees no echo. Throws UsageError. */
export async function passphraseFor(file: string | undefined, twice: boolean): Promise<string> {
	if (file !== undefined) {
		try {
			return readFileSync(file, "utf8").replace(/\r?\n$/, "");
		} catch (error) {
			throw new UsageError(`--passphrase-file: ${(error as Error).message}`);
		}
	}
	const given = process.env["VAGALUME_PASSPHRASE"];
	if (given !== undefined) return given;
	if (!process.stdin.isTTY)
		throw new UsageError("a passphrase is needed: give --passphrase-file FILE, or VAGALUME_PASSPHRASE");
	const passphrase = await ask("passphrase of the key: ");
	if (twice && (await ask("the same again: ")) !== passphrase) throw new UsageError("the two passphrases differ");
	return passphrase;
}

function ask(question: string): Promise<string> {
	process.stderr.write(question);
	const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
	const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
	return new Promise((resolve, reject) => {
		let answer: string | undefined;
		reader.once("line", (line) => {
			answer = line;
			reader.close();
		});
		reader.once("close", () => {
			process.stderr.write("\n");
			if (answer === undefined) reject(new UsageError("no passphrase was given"));
			else resolve(answer);
		});
	});
}
