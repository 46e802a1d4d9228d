import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../sim/usage";
import { parseBrokerOptions } from "../../tools/broker/options";

test("the ports follow each other, and are given one by one where that does not fit", () => {
	const ports = (...args: string[]) => {
		const options = parseBrokerOptions(["run", "--dir", "x", ...args]);
		return [options.port, options.webSocketPort, options.certificatePort];
	};
	assert.deepEqual(ports(), [8883, 8884, 8885]);
	assert.deepEqual(ports("--port", "1000"), [1000, 1001, 1002]);
	assert.deepEqual(ports("--websocket-port", "443"), [8883, 443, 444]);
});

test("hosts come with commas, or one by one", () => {
	const { hosts } = parseBrokerOptions(["init", "--dir", "x", "--host", "a.example,10.0.0.1", "--host", "::1"]);
	assert.deepEqual(hosts, ["a.example", "10.0.0.1", "::1"]);
});

test("a broker is announced when it is told to be, by a name of one label", () => {
	const name = (...args: string[]) => parseBrokerOptions(["run", "--dir", "x", ...args]).advertise;
	assert.equal(name(), undefined);
	assert.match(name("--advertise") ?? "", /^Vagalume on [^.]+$/);
	assert.equal(name("--advertise", "--bind", "0.0.0.0"), name("--advertise"));
	assert.equal(name("--advertise-as", "Vagalume da varanda é aqui"), "Vagalume da varanda é aqui");
});

const wrong: [string[], RegExp][] = [
	[[], /expected one of init, add-node/],
	[["make", "--dir", "x"], /"make": expected one of/],
	[["init", "--host", "a"], /--dir DIR is missing/],
	[["init", "--dir", "x", "--host", "a b"], /--host a b: expected names/],
	[["init", "--dir", "x", "--host", "mqtts://a"], /--host mqtts:\/\/a: expected names/],
	[["add-node", "--dir", "x"], /add-node: the ID is missing/],
	[["add-node", "all", "--dir", "x"], /"all": expected a node's id/],
	[["add-node", "a/b", "--dir", "x"], /"a\/b": expected a node's id/],
	[["add-user", "../../etc", "--dir", "x"], /expected 1 to 64 letters/],
	[["add-user", "..", "--dir", "x"], /expected 1 to 64 letters/],
	[["add-user", "a:b", "--dir", "x"], /expected 1 to 64 letters/],
	[["add-user", "vagalume-control", "--dir", "x"], /this tool's own user/],
	[["add-user", "a", "--role", "root", "--dir", "x"], /--role root: expected one of viewer, panel/],
	[["add-node", "a", "--role", "panel", "--dir", "x"], /add-node takes no --role/],
	[["run", "--port", "x", "--dir", "x"], /--port x: expected a whole number, 1\.\.65533/],
	[["run", "--port", "1", "--websocket-port", "1", "--dir", "x"], /three different ports/],
	[["run", "--bind", "here", "--dir", "x"], /--bind here: expected an IP address/],
	[["init", "--advertise", "--dir", "x"], /init takes no --advertise/],
	[
		["run", "--advertise", "--bind", "127.0.0.1", "--dir", "x"],
		/--advertise: with --bind 127\.0\.0\.1 no other computer/,
	],
	[["run", "--advertise", "--bind", "::1", "--dir", "x"], /--advertise: with --bind ::1 no other computer/],
	[["run", "--advertise", "--bind", "::", "--dir", "x"], /--advertise: nodes come by IPv4, and --bind :: is IPv6/],
	[["run", "--advertise-as", "a.b", "--dir", "x"], /--advertise-as "a\.b": expected 1 to 63 bytes of UTF-8/],
	[["run", "--advertise-as", "é".repeat(32), "--dir", "x"], /expected 1 to 63 bytes of UTF-8/],
	[["run", "--advertise-as", "", "--dir", "x"], /--advertise-as "": expected 1 to 63 bytes/],
	[["run", "--advertise-as", "a\nb", "--dir", "x"], /with neither "\." nor control characters/],
	[["run", "sala", "--dir", "x"], /run: "sala" is too much/],
	[["rotate", "sala", "--host", "a", "--dir", "x"], /one of ID, --host and --authority/],
	[["rotate", "--authority", "now", "--dir", "x"], /--authority now: expected one of begin, switch, finish/],
	[["revoke", "a", "b", "--dir", "x"], /"b" is too much/],
];
for (const [args, message] of wrong)
	test(`wrong usage is named: ${args.join(" ")}`, () => {
		assert.throws(
			() => parseBrokerOptions(args),
			(error: Error) => {
				assert.ok(error instanceof UsageError, String(error));
				assert.match(error.message, message);
				return true;
			},
		);
	});
