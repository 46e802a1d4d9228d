import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../tools/root";

/** Made once, kept for later runs: keys do not belong into a repository. */
const folder = join(root, "build", "test-certificates-2");

/** For the `skip` option of a test: why it cannot run here, or false. */
export const withoutOpenssl: string | false =
	spawnSync("openssl", ["version"]).error === undefined ? false : "openssl is not installed";

/**
 * The path of `authority.pem`, `stranger.pem` (another authority), `server`, `expired`, `misnamed` or `client` `.pem` or `.key`; all of
 * them also as `rsa-...`, and `rsa-impostor`, which the certificate of `rsa-misnamed` has signed.
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
	const script = fileURLToPath(new URL("./make-certificates.sh", import.meta.url));
	const { status, stderr } = spawnSync("sh", [script, fresh], { encoding: "utf8" });
	if (status !== 0) throw new Error(`certificates could not be made: ${stderr}`);
	try {
		renameSync(fresh, folder);
	} catch {
		// Another test was faster.
		rmSync(fresh, { recursive: true });
	}
}
