/** A session whose password is a token, between a fake service and a fake session. */

import type { Device } from "embedded:provider/builtin";
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import HTTPClient from "../../hosts/shared/embedded/network/http/client";
import { Log } from "../../modules/log/log";
import type { Session } from "../../modules/mqtt/session";
import { tokenPlace } from "../../modules/token/token-request";
import { TokenSession } from "../../modules/token/token-session";
import { clock } from "../support/clock";
import { FakeResolver, FakeTCP, network } from "../support/fake-tcp";
import { catchLines } from "../support/lines";

const device = {
	network: { https: { client: { io: HTTPClient, socket: { io: FakeTCP }, dns: { io: FakeResolver } } } },
	system: { settings: {} },
} as unknown as Device;
const service = { url: "https://id.example/token", client: "casa", secret: "s3cret" };

/** Its connections come and go as the test says. */
class StandIn {
	connected = false;
	readonly calls: string[] = [];
	stopped: (() => void) | undefined;
	start(): void {
		this.calls.push("start");
	}
	stop(done?: () => void): void {
		this.calls.push("stop");
		const before = this.stopped;
		this.stopped = () => {
			before?.();
			done?.();
		};
	}
	/** The goodbye is over. */
	ended(): void {
		this.connected = false;
		const { stopped } = this;
		this.stopped = undefined;
		stopped?.();
	}
	publish(_topic: string, payload: string): void {
		this.calls.push(payload);
	}
}

let inner: StandIn;
let session: TokenSession;

function quietly(act: () => void): void {
	const { restore } = catchLines();
	try {
		act();
		for (let round = 0; round < 4; round++) clock.advance(0);
	} finally {
		restore();
	}
}
function grant(name: string): void {
	const text = JSON.stringify({ access_token: name, expires_in: 100 });
	const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
	quietly(() => network.last.deliver(Buffer.from(answer), undefined as never));
}
function connect(): void {
	inner.connected = true;
	session.joined();
}
/** Up to the moment in which the connection is changed. */
function renew(): void {
	quietly(() => clock.advance(80_000));
	grant("two");
}

beforeEach(() => {
	clock.reset();
	network.reset();
	inner = new StandIn();
	quietly(() => {
		session = new TokenSession(tokenPlace(device, service), new Log({}));
		session.session = inner as unknown as Session;
		session.start();
	});
});

describe("a session with tokens", () => {
	it("connects once there is a token", () => {
		assert.deepEqual(inner.calls, []);
		grant("one");
		assert.deepEqual(inner.calls, ["start"]);
		assert.equal(session.password, "one");
	});

	it("with the next one it says goodbye and connects again, and is as good as connected between", () => {
		grant("one");
		connect();
		renew();
		assert.deepEqual(inner.calls, ["start", "stop"]);
		inner.ended();
		assert.deepEqual(inner.calls, ["start", "stop", "start"]);
		assert.equal(session.connected, true);
		connect();
		inner.connected = false;
		assert.equal(session.connected, false, "it is over");
	});

	it("a connection that does not come again counts as lost after 10 s", () => {
		grant("one");
		connect();
		renew();
		inner.ended();
		quietly(() => clock.advance(9999));
		assert.equal(session.connected, true);
		quietly(() => clock.advance(1));
		assert.equal(session.connected, false);
	});

	it("the node's end in between waits for the new connection, so that `offline` is said", () => {
		grant("one");
		connect();
		renew();
		inner.ended();
		let ended = 0;
		session.publish("status", "offline");
		session.stop(() => ended++);
		assert.deepEqual(inner.calls, ["start", "stop", "start", "offline"]);
		inner.connected = true;
		assert.equal(session.joined(), false, "nobody says online");
		assert.deepEqual(inner.calls, ["start", "stop", "start", "offline", "stop"]);
		inner.ended();
		assert.equal(ended, 1);
		assert.equal(clock.pending, 0);
	});

	it("the node's end while the goodbye is said is that goodbye", () => {
		grant("one");
		connect();
		renew();
		let ended = 0;
		session.stop(() => ended++);
		inner.ended();
		assert.equal(ended, 1);
		assert.ok(!inner.calls.slice(1).includes("start"));
		assert.equal(clock.pending, 0);
	});

	it("the node's end when the broker is away does not wait for ever", () => {
		grant("one");
		connect();
		renew();
		inner.ended();
		let ended = 0;
		session.stop(() => ended++);
		quietly(() => clock.advance(10_000));
		inner.ended();
		assert.equal(ended, 1);
		assert.equal(clock.pending, 0);
	});
});
