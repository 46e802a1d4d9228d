import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseSimOptions } from "../../sim/options";
import { parseOptions } from "../../tools/moddable/options";
import { root } from "../../tools/root";

const read = <T>(file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as T;

interface Tasks {
	readonly inputs: readonly { readonly id: string; readonly options?: readonly string[]; readonly default: string }[];
	readonly tasks: readonly { readonly label: string; readonly command: string }[];
}

test("each task of VS Code is a command that exists, with options that it knows", () => {
	const { scripts } = read<{ scripts: Record<string, string> }>("package.json");
	const { tasks, inputs } = read<Tasks>(".vscode/tasks.json");
	const npm = tasks.filter(({ command }) => command.startsWith("npm "));
	assert.ok(npm.length >= 10);
	for (const { command, label } of npm) {
		const [, script, rest = ""] = /^npm (?:run )?(\w+)(?: -- (.*))?$/.exec(command) ?? [];
		assert.ok(script !== undefined && Object.hasOwn(scripts, script), label);
		const values = rest.replace(/\$\{input:(\w+)\}/g, (_, id) => inputs.find((input) => input.id === id)!.default);
		if (script === "moddable") parseOptions(values.split(" "));
		if (script === "start") parseSimOptions(values.split(" ").filter(Boolean));
	}
	for (const platform of inputs.flatMap(({ options = [] }) => options))
		assert.equal(parseOptions(["build", "--platform", platform]).platform, platform);
});

test("what VS Code launches is there", () => {
	const { configurations } = read<{ configurations: readonly { program: string; runtimeArgs?: readonly string[] }[] }>(
		".vscode/launch.json",
	);
	const files = configurations.flatMap(({ program, runtimeArgs = [] }) => [program, ...runtimeArgs]);
	for (const file of files.filter((name) => /\.js$/.test(name)))
		assert.ok(existsSync(join(root, file.replace(/^\$\{workspaceFolder\}\//, ""))), file);
});
