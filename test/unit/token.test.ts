import type { Device } from "embedded:provider/builtin";
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import HTTPClient from "../../hosts/shared/embedded/network/http/client";
import { problemsOfTokenService } from "../../modules/description/token-service";
import { Log } from "../../modules/log/log";
import { configure } from "../../modules/node/configuration";
import { Token } from "../../modules/token/token";
import { readAnswer } from "../../modules/token/token-answer";
import { tokenPlace } from "../../modules/token/token-request";
import node from "../../node";
import { clock } from "../support/clock";
import { FakeResolver, FakeTCP, network } from "../support/fake-tcp";
import { catchLines } from "../support/lines";

const service = { url: "https://id.example:8443/token?x=1", client: "casa", secret: "s3cret" };
const device = {
	network: { https: { client: { io: HTTPClient, socket: { io: FakeTCP }, dns: { io: FakeResolver } } } },
	system: { settings: { ca: "PEM" } },
} as unknown as Device;

let token: Token;
let received: boolean[];
let lines: string[];
let random: number;

/** Acts without the console, and lets what is due happen. */
function quietly(act: () => void): void {
	const caught = catchLines();
	try {
		act();
		for (let round = 0; round < 4; round++) clock.advance(0);
	} finally {
		caught.restore();
		lines.push(...caught.lines);
	}
}
const pass = (milliseconds: number) => quietly(() => clock.advance(milliseconds));
const asked = () => network.sockets.length;
/** The service answers the last question. */
function say(status: number, body: object): void {
	const text = JSON.stringify(body);
	quietly(() =>
		network.last.deliver(
			Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: ${text.length}\r\n\r\n${text}`, "latin1"),
			undefined as never,
		),
	);
}
const grant = (name: string, life = 100) => say(200, { access_token: name, token_type: "bearer", expires_in: life });

beforeEach(() => {
	clock.reset();
	network.reset();
	received = [];
	lines = [];
	random = 0;
	token = new Token({
		place: tokenPlace(device, service),
		log: new Log({}),
		owner: { tokenReceived: (replaces) => void received.push(replaces) },
		random: () => random,
	});
});

describe("the node's token", () => {
	it("is asked for with the client's name and secret, over TLS that trusts the owner's authority", () => {
		quietly(() => token.start());
		const text = Buffer.from(network.last.take()).toString();
		assert.match(text, /^POST \/token\?x=1 HTTP\/1\.1\r\nhost: id\.example:8443\r\n/i);
		assert.match(text, new RegExp(`authorization: Basic ${btoa("casa:s3cret")}\r\n`, "i"));
		assert.match(text, /\r\n\r\ngrant_type=client_credentials$/);
		const { secure } = network.last.options as unknown as { secure: object };
		assert.deepEqual(secure, { serverName: "id.example", certificate: "PEM" });
	});

	it("is renewed when 70 to 80% of its life are over", () => {
		for (const [spread, due] of [
			[0, 70_000],
			[0.999, 79_990],
		] as const) {
			random = spread;
			quietly(() => token.start());
			grant(`t${spread}`);
			assert.equal(token.password, `t${spread}`);
			const before = asked();
			pass(due - 1);
			assert.equal(asked(), before);
			pass(1);
			assert.equal(asked(), before + 1);
			token.close();
		}
	});

	it("tells its owner of another one only when it is another one", () => {
		quietly(() => token.start());
		grant("one");
		pass(70_000);
		grant("one", 30);
		pass(21_000);
		grant("two");
		assert.deepEqual(received, [false, true]);
		assert.equal(token.password, "two");
	});

	it("stays in use while its service fails, until it expires", () => {
		quietly(() => token.start());
		grant("one");
		pass(70_000);
		say(503, {});
		assert.match(
			lines.at(-1)!,
			/id\.example:8443: HTTP 503; next attempt in 1000 ms; the present one is good for 30 s/,
		);
		assert.equal(token.password, "one");
		network.connect = "refused";
		pass(29_999);
		assert.equal(token.password, "one");
		pass(1);
		assert.throws(() => token.password, /token: it has expired, and a new one did not come yet/);
	});

	it("that the broker refused is not shown again, and the next one takes nobody's place", () => {
		quietly(() => token.start());
		assert.throws(() => token.password, /token: there is none/);
		grant("one");
		quietly(() => token.refused());
		assert.throws(() => token.password, /token: the broker refused it/);
		assert.equal(asked(), 2);
		quietly(() => token.refused());
		assert.equal(asked(), 2, "once is enough");
		grant("two");
		assert.deepEqual(received, [false, false]);
		assert.equal(token.password, "two");
	});

	it("that lives for years is renewed before ticks wrap", () => {
		quietly(() => token.start());
		grant("one", 1e9);
		pass(1_399_999_999);
		assert.equal(asked(), 1);
		pass(1);
		assert.equal(asked(), 2);
	});

	it("leaves no timer and no connection behind", () => {
		quietly(() => token.start());
		token.close();
		assert.equal(clock.pending, 0);
		assert.ok(network.last.closed);
		quietly(() => token.start());
		grant("one");
		token.close();
		assert.equal(clock.pending, 0);
	});

	it("is asked for in vain on a host without an HTTP client, and that is said at the boot", () => {
		const bare = { network: {}, system: { settings: {} } } as unknown as Device;
		assert.throws(() => tokenPlace(bare, service), /settings\.token: needs an HTTP client, which this host has not/);
	});
});

describe("the life of a token", () => {
	const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;
	const life = (answer: object, now?: number) => readAnswer(200, JSON.stringify(answer), now).life;

	it("is expires_in, as a number or in digits, whatever the token says", () => {
		assert.equal(life({ access_token: jwt({ exp: 50 }), expires_in: 3600 }, 0), 3600);
		assert.equal(life({ access_token: "t", expires_in: "3599" }), 3599);
	});
	it("else the JWT's exp against the clock, or against iat before the clock was set", () => {
		assert.equal(life({ access_token: jwt({ iat: 1000, exp: 1600, roles: { a: [{}] } }) }), 600);
		assert.equal(life({ access_token: jwt({ iat: 1000, exp: 1600 }) }, 1100), 500);
	});
	it("else unknown: such a token is used until it is refused, or for weeks", () => {
		for (const opaque of ["t", "a.b.c", "..", `e30.${"*".repeat(8)}.s`, jwt({ exp: "soon" }), jwt({ exp: 5 })])
			assert.equal(life({ access_token: opaque }), 2_000_000, opaque);
	});
});

describe("settings.token", () => {
	it("names what is wrong, without the secret", () => {
		const problems = problemsOfTokenService(
			{ url: "ftp://x", client: "", secret: "line\nbreak", scope: 1, overHTTP: "yes", password: "x" },
			"token",
		);
		assert.deepEqual(problems, [
			"token.url: expected https://host/path of at most 512 characters",
			"token.client: expected 1..256 characters of printable ASCII",
			"token.secret: expected 1..256 characters of printable ASCII",
			"token.scope: expected 1..256 characters of printable ASCII",
			"token.overHTTP: expected true or false",
			"token.password: unknown, expected url, client, secret, scope, overHTTP",
		]);
		assert.deepEqual(problemsOfTokenService(undefined, "token"), [
			"token: expected an object with url, client and secret",
		]);
	});
	it("wants https, unless http is allowed", () => {
		const url = "http://id.example/token";
		assert.match(problemsOfTokenService({ ...service, url }, "token")[0]!, /is http:\/\/, expected https:\/\//);
		assert.deepEqual(problemsOfTokenService({ ...service, url, overHTTP: true }, "token"), []);
		assert.deepEqual(problemsOfTokenService(service, "token"), []);
	});
	it("does not go with a password", () => {
		const settings = { broker: "mqtt://b", user: "u", password: "p", token: service };
		assert.throws(() => configure(node, settings), /^Error: settings\.password and settings\.token: one or the other$/);
	});
});
