import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { globSync } from "../../tools/glob";
import { root } from "../../tools/root";

/** Commands whose output folder is `--out DIR`. A broker's folder has a .gitignore of its own. */
const OUT = /vagalume (?:dashboards|keys|release) .*--out ([\w.]+)/g;

test("folders that the docs have a reader write are ignored: no style check of them, no key in a commit", () => {
	const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
	const folders = globSync(root, "docs", ".md").flatMap((page) =>
		[...readFileSync(join(root, page), "utf8").matchAll(OUT)].map(([, folder]) => folder!),
	);
	assert.ok(folders.includes("keys"), folders.join());
	assert.deepEqual(
		folders.filter((folder) => !ignored.includes(`/${folder}/`)),
		[],
	);
});
