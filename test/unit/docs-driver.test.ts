import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

for (const page of ["docs/driver.md", "docs/virtual-board.md"]) {
	const text = read(page);
	test(`${page} shows its files as they are`, () => {
		for (const [, path, code] of text.matchAll(/<!-- (\S+\.ts) -->\n```ts\n([\s\S]*?)```/g))
			assert.equal(code, read(path!), `${path} in ${page}: copy the file into the page`);
	});
	test(`${page} links to files that exist`, () => {
		for (const [, path] of text.matchAll(/\]\((\.\.?\/[^)#]+)/g))
			assert.ok(existsSync(new URL(path!, new URL(`../../${page}`, import.meta.url))), `${path} in ${page}`);
	});
}

test("docs/driver.md quotes the entry that drivers.ts has", () => {
	const entry = /```ts\n(BH1750: \{[\s\S]*?\n\},)\n```/.exec(read("docs/driver.md"))![1]!;
	assert.ok(read("modules/description/drivers.ts").includes(entry.replaceAll("\n", "\n\t")));
});
