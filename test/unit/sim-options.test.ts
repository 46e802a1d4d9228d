import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseSimOptions } from "../../sim/options";

const refused: [string, string[], RegExp][] = [
	["an unknown option", ["--colour", "red"], /--colour/],
	["a stray word", ["sala"], /sala/],
	["a time that is neither real nor virtual", ["--time", "fast"], /--time fast: expected real or virtual/],
	["virtual time with a broker elsewhere", ["--time", "virtual", "--broker", "mqtt://h"], /leave --broker out/],
	[
		"virtual time with a broker that is to be found elsewhere",
		["--time", "virtual", "--broker", "dns-sd"],
		/leave --broker out/,
	],
	["a broker that is no URL", ["--broker", "localhost"], /--broker localhost: expected a URL/],
	["a broker over HTTP", ["--broker", "http://h"], /mqtt:\/\/, mqtts:\/\/, ws:\/\/ or wss:\/\//],
	["a password in the URL", ["--broker", "mqtt://me:secret@h"], /use --user and --password-file/],
	["a node called all", ["--id", "all"], /group of every node/],
	["an id with a wildcard", ["--id", "a/+"], /--id a\/\+/],
	["no nodes at all", ["--nodes", "0"], /--nodes 0: expected nodes, a whole number of 1/],
	["a keep-alive beyond 16 bits", ["--keep-alive", "65536"], /--keep-alive 65536/],
	["a negative duration", ["--duration=-1"], /--duration -1: expected a number of seconds above 0/],
	["a seed that is no number", ["--seed", "x"], /--seed x/],
	["a heap too small to boot", ["--heap", "100"], /--heap 100/],
	["a port out of range", ["--panel-port", "70000"], /--panel-port 70000/],
	[
		"a panel for a name instead of an address",
		["--panel-host", "lab.example"],
		/--panel-host lab\.example: expected an IP/,
	],
	["a password file that is not there", ["--user", "u", "--password-file", "/nonexistent"], /--password-file .*ENOENT/],
	["a certificate without its key", ["--cert", import.meta.filename], /--cert needs --key/],
	["a password without a user", ["--password-file", import.meta.filename], /--password-file needs --user/],
	[
		"a token service that is not JSON",
		["--token-file", import.meta.filename],
		/--token-file .*: expected JSON, such as/,
	],
	["a password and a token", ["--user", "u", "--password-file", "f", "--token-file", "f"], /one or the other/],
	["an id of 33 characters", ["--id", "x".repeat(33)], /expected 1 to 32/],
	["a path behind an MQTT broker", ["--broker", "mqtt://h/path"], /leave \/path out/],
	["a WebSocket broker with a fragment", ["--broker", "ws://h/a#b"], /--broker: .*#/],
	["an option without its value", ["--broker"], /--broker/],
	["an empty value", ["--id="], /--id: expected a value/],
];

for (const [what, args, message] of refused) {
	test(`${what} is refused by name`, () => {
		assert.throws(() => parseSimOptions(args), { name: "UsageError", message });
	});
}

test("a refusal does not repeat the password of a URL", () => {
	assert.throws(
		() => parseSimOptions(["--broker", "mqtt://me:secret@h"]),
		(error: Error) => !error.message.includes("secret"),
	);
});

test("a token service is read from its file; what is wrong in it is named, without its secret", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "vagalume-options-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const file = join(folder, "token.json");
	const service = { url: "https://id.example/token", client: "casa", secret: "s3cret" };
	writeFileSync(file, JSON.stringify(service));
	assert.deepEqual(parseSimOptions(["--token-file", file]).token, service);
	assert.equal(parseSimOptions([]).token, undefined);
	for (const text of [`${JSON.stringify(service)}}`, JSON.stringify({ ...service, url: "http://id.example" })]) {
		writeFileSync(file, text);
		assert.throws(
			() => parseSimOptions(["--token-file", file]),
			(error: Error) => error.message.includes("--token-file") && !error.message.includes("s3cret"),
		);
	}
});

test("without options one node runs in real time, with a panel and a broker of its own", () => {
	const options = parseSimOptions([]);
	assert.equal(options.nodes, 1);
	assert.equal(options.time, "real");
	assert.equal(options.headless, false);
	assert.equal(options.panelPort, 8080);
	assert.equal(options.broker, undefined);
	assert.equal(options.heap, 65_536);
});

test("every promised option is understood", () => {
	const options = parseSimOptions(
		"--headless --broker mqtts://h:8883 --id sala --nodes 3 --panel-port 9000 --user u --keep-alive 0 --time real --duration 1.5 --seed 7 --nvs d --heap 49152 --json".split(
			" ",
		),
	);
	assert.deepEqual(
		[options.headless, options.json, options.broker, options.id, options.nodes, options.panelPort, options.user],
		[true, true, "mqtts://h:8883", "sala", 3, 9000, "u"],
	);
	assert.deepEqual(
		[options.keepAlive, options.time, options.duration, options.seed, options.nvs, options.heap],
		[0, "real", 1.5, 7, "d", 49_152],
	);
});

test("--debug stands alone, or with where xsbug listens", () => {
	const debug = (...args: string[]) => parseSimOptions(args).debug;
	const { XSBUG_HOST, XSBUG_PORT } = process.env;
	delete process.env["XSBUG_HOST"];
	delete process.env["XSBUG_PORT"];
	assert.equal(debug(), undefined);
	assert.deepEqual(debug("--debug"), { host: "localhost", port: 5002 });
	assert.deepEqual(debug("--debug", "--headless"), { host: "localhost", port: 5002 });
	assert.deepEqual(debug("--debug", "5010"), { host: "localhost", port: 5010 });
	assert.deepEqual(debug("--debug", "desk.local:5002", "--headless"), { host: "desk.local", port: 5002 });
	assert.deepEqual(debug("--debug=[::1]:5002"), { host: "::1", port: 5002 });
	process.env["XSBUG_HOST"] = "192.168.1.7";
	process.env["XSBUG_PORT"] = "5003";
	assert.deepEqual(debug("--debug"), { host: "192.168.1.7", port: 5003 });
	for (const [name, value] of Object.entries({ XSBUG_HOST, XSBUG_PORT }))
		if (value === undefined) delete process.env[name];
		else process.env[name] = value;
});

test("--debug: wrong addresses, virtual time and a fleet are wrong usage", () => {
	for (const wrong of ["--debug=desk", "--debug=desk:0", "--debug=desk:65536", "--debug=:5002"])
		assert.throws(() => parseSimOptions([wrong]), /--debug .*expected where xsbug listens, HOST:PORT/, wrong);
	assert.throws(() => parseSimOptions(["--debug", "--time", "virtual"]), /--debug is for real time/);
	assert.throws(() => parseSimOptions(["--debug", "--nodes", "17"]), /nodes with --debug, a whole number of 1\.\.16/);
});
