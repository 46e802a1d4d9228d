#!/usr/bin/env node
// The command line: each command is a module with `run(args)`, which resolves to the exit status.
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

const commands = {
	sim: ["../sim/command.ts", "run a node, or several, on this computer"],
	check: ["../tools/check.ts", "types, style, node.ts, and that generated files are fresh"],
	generate: ["../tools/generate.ts", "write what follows from node.ts"],
	test: ["../tools/test.ts", "run the tests"],
	dashboards: ["../tools/dashboards.ts", "write what Node-RED, Grafana, a phone panel import"],
	page: ["../sim/panel/page-command.ts", "build the panel's page, if it has changed (npm ci does it)"],
	keys: ["../tools/release/keys.ts", "make the keys that sign releases"],
	release: ["../tools/release/release.ts", "make a signed release of the firmware"],
	ota: ["../tools/ota/command.ts", "send releases to nodes, and follow them"],
	broker: ["../tools/broker/command.ts", "a Mosquitto broker of one's own: TLS, passwords, access list"],
	conformance: ["../tools/conformance.ts", "prove the clauses of MQTT, and write docs/conformance.md"],
	moddable: [
		"../tools/moddable/command.ts",
		"the same firmware under the Moddable SDK: doctor, build, run, test, debug, flash",
	],
	bench: ["../tools/bench.ts", "measure: host, mqtt"],
	chaos: ["../tools/chaos.ts", "let everything go wrong between node and broker, and judge"],
	fuzz: ["../tools/fuzz.ts", "attack MQTT with mutated packets"],
};

const [name = "help", ...args] = process.argv.slice(2);
if (Object.hasOwn(commands, name)) {
	register();
	try {
		const { run } = await import(commands[name][0]);
		process.exitCode = await run(args);
	} catch (error) {
		const told = tell(error);
		if (told === undefined) throw error;
		process.stderr.write(`${told}\n`);
		process.exitCode = 1;
	}
} else {
	const help = ["help", "-h", "--help"].includes(name);
	const lines = Object.entries(commands).map(([command, [, what]]) => `  vagalume ${command.padEnd(12)} ${what}`);
	const text = `usage: vagalume COMMAND [options]\n\n${lines.join("\n")}\n\n'vagalume COMMAND --help' lists a command's options.\n`;
	if (help) process.stdout.write(text);
	else process.stderr.write(`vagalume: "${name}" is not a command\n\n${text}`);
	process.exitCode = help ? 0 : 2;
}

/** What a person can mend, without a stack: what to do says more than where it was noticed. Undefined for a fault of ours. */
function tell(error) {
	if (error?.code === "ERR_ENGINE_MISSING") return `vagalume: ${error.message}`;
	// A file that is no TypeScript, such as node.ts with a comma too few.
	if (error?.name === "TransformError")
		return error.message.replace(/^.*\n/, "").replaceAll(fileURLToPath(new URL("../", import.meta.url)), "");
	// A file or folder that cannot be read or written: the message names it.
	if (typeof error?.syscall === "string" && typeof error.path === "string") return `vagalume ${name}: ${error.message}`;
	return undefined;
}
