import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tools/root";

const SOURCE = join(root, "sim/panel/page");
const BUILT = join(root, "build/panel");

/**
 * The folder of the page as browsers take it. Vite makes it when the page's sources have changed since (a second or
 * two), usually while the packages are installed; else it is there already.
 */
export async function builtPage(): Promise<string> {
	const folder = join(BUILT, fingerprint());
	if (existsSync(join(folder, "index.html"))) return folder;
	mkdirSync(BUILT, { recursive: true });
	const fresh = mkdtempSync(join(BUILT, "new-"));
	try {
		await build(fresh);
		renameSync(fresh, folder);
	} catch (error) {
		rmSync(fresh, { recursive: true, force: true });
		// Another process was faster.
		if (!existsSync(join(folder, "index.html"))) throw error;
	}
	return folder;
}

async function build(outDir: string): Promise<void> {
	// Only now: it is big, and seldom needed.
	const vite = await import("vite");
	await vite.build({
		configFile: false,
		root: SOURCE,
		logLevel: "warn",
		oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
		build: {
			outDir,
			emptyOutDir: true,
			target: "es2022",
			// The page's Content-Security-Policy lets no script stand in the page's own text.
			modulePreload: { polyfill: false },
			assetsInlineLimit: 0,
			chunkSizeWarningLimit: 1000,
			reportCompressedSize: false,
		},
	});
}

/** Of all that the page is made from. */
function fingerprint(): string {
	const hash = createHash("sha256");
	const files = [
		...readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).map((name) => join(SOURCE, name)),
		join(root, "sim/panel/protocol.ts"),
		join(root, "package.json"),
	];
	for (const file of files.sort())
		if (/\.\w+$/.test(file)) hash.update(file.slice(root.length)).update("\0").update(readFileSync(file));
	return hash.digest("hex").slice(0, 16);
}
