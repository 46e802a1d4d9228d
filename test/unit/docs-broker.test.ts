import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseSimOptions } from "../../sim/options";
import { parseBrokerOptions } from "../../tools/broker/options";
import { root } from "../../tools/root";

for (const page of ["docs/broker.md", "docs/azure.md"])
	test(`${page}: its commands are ones that there are`, () => {
		const text = readFileSync(join(root, page), "utf8");
		const commands = [...text.matchAll(/npx vagalume broker ([^`\n>]+)/g)].map(([, words]) => words!.trim().split(" "));
		assert.ok(commands.length > 4, `${commands.length} commands`);
		for (const words of commands) parseBrokerOptions(words);
		const nodes = [...text.matchAll(/npm start -- (.+)/g)].map(([, words]) => words!.split(" "));
		assert.ok(nodes.length > 0);
		// The files are not there; that they are looked for means that the options are right.
		for (const words of nodes)
			assert.throws(() => parseSimOptions(words), /--ca broker\/ca\.crt: cannot be read \(ENOENT\)/);
	});

test("docs/azure.md: the parameters are the template's", () => {
	const text = readFileSync(join(root, "docs/azure.md"), "utf8");
	const { parameters } = JSON.parse(readFileSync(join(root, "deploy/azure/azuredeploy.json"), "utf8"));
	const given = [...text.matchAll(/\b([a-z][A-Za-z]+)=(?=["'\w])/g)].map(([, name]) => name!);
	assert.ok(given.includes("clientAddresses"));
	for (const name of given) assert.ok(parameters[name], name);
	const needed = Object.keys(parameters).filter((name) => parameters[name].defaultValue === undefined);
	for (const name of needed) assert.ok(given.includes(name), name);
});
