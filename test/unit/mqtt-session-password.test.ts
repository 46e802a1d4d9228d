import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { clock } from "../support/clock";
import { fresh } from "../support/mqtt-client";
import { SessionBench } from "../support/mqtt-session";

beforeEach(fresh);

/** Lets the socket connect, and says what CONNECT carries. */
function shown(bench: SessionBench): string {
	clock.advance(0);
	clock.advance(0);
	return String(bench.sent()[0]?.password);
}

describe("MQTT session: a password that is a function", () => {
	it("is asked for at each connection", () => {
		const passwords = ["one", "two"];
		const bench = new SessionBench({ user: "u", password: () => passwords.shift()! });
		bench.session.start();
		assert.equal(shown(bench), "one");
		bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: false });
		bench.lose();
		assert.equal(shown(bench), "two");
	});

	it("when it throws, the attempt has failed for that reason, and another one follows", () => {
		let ready = false;
		const bench = new SessionBench({
			user: "u",
			password: () => {
				if (!ready) throw new Error("no token");
				return "p";
			},
		});
		bench.session.start();
		assert.match(bench.log.at(-1)!, /warn: not connected: no token; next attempt in 1000 ms/);
		ready = true;
		clock.advance(1000);
		assert.equal(shown(bench), "p");
	});

	for (const [what, version, packet, called] of [
		["CONNACK: bad user name or password (MQTT 3.1.1)", 4, { cmd: "connack", returnCode: 4 }, 1],
		["CONNACK: not authorized (MQTT 3.1.1)", 4, { cmd: "connack", returnCode: 5 }, 1],
		["CONNACK: server unavailable (MQTT 3.1.1)", 4, { cmd: "connack", returnCode: 3 }, 0],
		["CONNACK: not authorized (MQTT 5.0)", 5, { cmd: "connack", reasonCode: 0x87 }, 1],
		["CONNACK: server busy (MQTT 5.0)", 5, { cmd: "connack", reasonCode: 0x89 }, 0],
	] as const)
		it(`${what}: ${called ? "is told" : "is another matter"}`, () => {
			let calls = 0;
			const bench = new SessionBench({ user: "u", password: "p", version, onUnauthorized: () => void calls++ });
			bench.session.start();
			shown(bench);
			const bytes = version === 5 ? [0x20, 3, 0, packet.reasonCode, 0] : [0x20, 2, 0, packet.returnCode];
			bench.socket.deliver(Uint8Array.from(bytes));
			assert.equal(calls, called);
			assert.match(bench.log.at(-1)!, /next attempt/);
		});

	it("DISCONNECT: not authorized (MQTT 5.0), as when a token expires: is told", () => {
		let calls = 0;
		const bench = new SessionBench({ version: 5, onUnauthorized: () => void calls++ });
		bench.session.start();
		shown(bench);
		bench.socket.deliver(Uint8Array.from([0x20, 3, 0, 0, 0]));
		bench.socket.deliver(Uint8Array.from([0xe0, 2, 0x87, 0]));
		assert.equal(calls, 1);
		assert.deepEqual(bench.disconnects.length, 1);
	});
});
