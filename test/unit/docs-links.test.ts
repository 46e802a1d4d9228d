import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { globSync } from "../../tools/glob";
import { root } from "../../tools/root";

const pages = [
	"README.md",
	"CONTRIBUTING.md",
	"NOTICE.md",
	...globSync(root, "docs", ".md"),
	...globSync(root, "hosts", ".md"),
	...globSync(root, "test", ".md"),
];

for (const page of pages) {
	test(`every link of ${page} leads somewhere`, () => {
		const text = readFileSync(join(root, page), "utf8").replace(/```[\s\S]*?```/g, "");
		const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
			.map(([, target]) => target!)
			.filter((target) => !/^(https?:|mailto:|#)/.test(target))
			.filter((target) => !existsSync(join(root, dirname(page), target.replace(/#.*$/, ""))));
		assert.deepEqual(broken, []);
	});
}
