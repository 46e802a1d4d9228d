import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../tools/root";

const script = fileURLToPath(new URL("./make-certificates.sh", import.meta.url));
/** Made once, kept for later runs: keys do not belong into a repository. Another script, another folder. */
const version = createHash("sha256").update(readFileSync(script)).digest("hex").slice(0, 8);
const folder = join(root, "build", `test-certificates-${version}`);

/** For the `skip` option of a test: why it cannot run here, or false. */
export const withoutOpenssl: string | false =
	spawnSync("openssl", ["version"]).error === undefined ? false : "openssl is not installed";

/**
 * The path of `authority.pem`, `stranger.pem` (another authority), `server`, `large`, `expired`, `misnamed`, `local` or `client` `.pem` or
 * `.key`; all but `large` and `local` also as `rsa-...`, and `rsa-impostor`, which the certificate of `rsa-misnamed` has signed.
 */
export function certificateFile(name: string): string {
	if (!existsSync(folder)) make();
	return join(folder, name);
}

/** Its text (PEM). */
export function certificate(name: string): string {
	return readFileSync(certificateFile(name), "utf8");
}

function make(): void {
	mkdirSync(dirname(folder), { recursive: true });
	const fresh = mkdtempSync(`${folder}-`);
	const { status, stderr } = spawnSync("sh", [script, fresh], { encoding: "utf8" });
	if (status !== 0) throw new Error(`certificates could not be made: ${stderr}`);
	try {
		renameSync(fresh, folder);
	} catch {
		// Another test was faster.
		rmSync(fresh, { recursive: true });
	}
}
