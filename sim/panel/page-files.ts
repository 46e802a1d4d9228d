import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

export interface PageFile {
	readonly type: string;
	readonly bytes: Buffer;
}

const types: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
};

/** The page's files by their path in URLs, `/index.html`; other kinds of files are not served. */
export function readPage(directory: string): ReadonlyMap<string, PageFile> {
	const files = new Map<string, PageFile>();
	for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
		const type = types[extname(name)];
		const path = `/${name.replaceAll("\\", "/")}`;
		if (type !== undefined) files.set(path, { type, bytes: readFileSync(join(directory, name)) });
	}
	return files;
}
