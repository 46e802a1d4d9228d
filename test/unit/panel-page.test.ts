// The page's own functions that need no browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
// @ts-expect-error the page is plain JavaScript
import { matches } from "../../sim/panel/page/topic-filter.js";

const page = join(import.meta.dirname, "../../sim/panel/page");
const message = { topic: "vagalume/lab-1/led/onboard", payload: '{"state":"ON"}' };
const filters: [filter: string, fits: boolean][] = [
	["", true],
	["led/on", true],
	["LED", true],
	['"on"', true],
	["relay", false],
	["#", true],
	["vagalume/#", true],
	["vagalume/lab-1/led/onboard/#", true],
	["+/+/led/+", true],
	["+/+/led", false],
	["+/led/#", false],
	["vagalume/+", false],
	["vagalume/+/+/+/+", false],
];

for (const [filter, fits] of filters) {
	test(`the filter "${filter}" ${fits ? "shows" : "hides"} ${message.topic}`, () => {
		assert.equal(matches(filter, message), fits);
	});
}

test("both languages have the same texts, with the same places to fill in", () => {
	const source = readFileSync(join(page, "text.js"), "utf8");
	const texts = (language: string) => {
		const start = source.indexOf(`\t${language}: {`);
		const block = source.slice(start, source.indexOf("\n\t},", start));
		return [...block.matchAll(/^\t\t(\w+): "(.*)",$/gm)].map(([, key, text]) => [
			key,
			[...text!.matchAll(/\{\w+\}/g)].map(String).sort().join(),
		]);
	};
	assert.ok(texts("en").length > 50);
	assert.deepEqual(texts("pt"), texts("en"));
});

test("every text that the page asks for exists", () => {
	const source = readFileSync(join(page, "text.js"), "utf8");
	for (const name of ["header", "log", "main", "nodes", "outputs", "sensors", "traffic", "vitals"])
		for (const [, key] of readFileSync(join(page, `${name}.js`), "utf8").matchAll(/\bt\("(\w+)"/g))
			assert.match(source, new RegExp(`^\t\t${key}: `, "m"), `${name}.js asks for ${key}`);
});

test("the page says nothing about the default node: another node.ts gives another page", () => {
	for (const name of ["header", "main", "nodes", "outputs", "sensors", "traffic", "vitals"])
		assert.doesNotMatch(
			readFileSync(join(page, `${name}.js`), "utf8"),
			/onboard|climate|"fan"|"boot"|vagalume-1/,
			name,
		);
});
