import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { clock } from "../support/clock";
import { FakeResolver, FakeTCP, network } from "../support/fake-tcp";
import { Bench, fresh, over, throwsCode } from "../support/mqtt-client";

beforeEach(fresh);

describe("MQTT client: connecting", () => {
	it("resolves, connects, sends CONNECT, and tells CONNACK and how much may be written", () => {
		const bench = new Bench({ user: "u", password: "p", keepAlive: 1500, clean: false, port: 1884 });
		assert.equal(network.sockets.length, 0, "nothing happens within the constructor");
		clock.advance(0);
		clock.advance(0);
		assert.equal(bench.socket.options.address, "10.0.0.1");
		assert.equal(bench.socket.options.host, "broker.example");
		assert.equal(bench.socket.options.port, 1884);
		const [connect] = bench.sent();
		assert.equal(connect.cmd, "connect");
		assert.equal(connect.keepalive, 2, "seconds, rounded up");
		assert.equal(connect.clean, false);
		assert.equal(connect.username, "u");
		assert.deepEqual(bench.writable, []);
		bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: true });
		assert.deepEqual(bench.control, [{ operation: MQTTClient.CONNACK, returnCode: 0, sessionPresent: true }]);
		assert.equal(bench.writable.length, 1);
		assert.equal(bench.client.connected, true);
	});

	for (const closing of [false, true]) {
		it(`hears a CONNACK that comes before CONNECT could leave${closing ? ", and can be closed then" : ""}`, () => {
			network.connect = "never";
			const told: string[] = [];
			const bench = new Bench({
				onControl({ operation }) {
					told.push(`${operation} ${this.connected}`);
					if (closing) this.close();
				},
			}).dial();
			bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: false });
			bench.receive({ cmd: "publish", topic: "t", payload: "x", qos: 1, messageId: 5 });
			assert.deepEqual(told, []);
			bench.socket.drain(1000);
			assert.deepEqual(told, ["2 true"]);
			assert.deepEqual(
				bench.sent().map(({ cmd }) => cmd),
				["connect"],
			);
			assert.equal(bench.readable.length, closing ? 0 : 1);
			bench.client.close();
			over();
		});
	}

	it("ends in order when the socket refuses CONNECT, also with a CONNACK there already", () => {
		network.connect = "never";
		const bench = new Bench().dial();
		bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: false });
		bench.socket.failed = true;
		bench.socket.drain(1000);
		clock.advance(0);
		assert.deepEqual(
			bench.errors.map(({ code }) => code),
			["lost"],
		);
		assert.deepEqual(bench.control, []);
		over();
	});

	it("needs no resolver for an address in numbers", () => {
		new Bench({ host: "127.0.0.1" }).connect();
		assert.equal(network.resolvers, 0);
		assert.equal(network.last.options.address, "127.0.0.1");
	});

	it("sends a CONNECT that is larger than what the socket takes at once", () => {
		network.allowance = 50;
		const bench = new Bench({ will: { topic: "t", message: "x".repeat(300) } });
		clock.advance(0);
		clock.advance(0);
		for (let round = 0; round < 10; round++) bench.socket.drain(50);
		const [connect] = bench.sent();
		assert.equal(connect.will.payload.length, 300);
	});

	const codes = [
		"unacceptable protocol version",
		"client identifier rejected",
		"server unavailable",
		"bad user name or password",
		"not authorized",
	];
	for (const [index, reason] of codes.entries()) {
		it(`says why the broker refused: ${reason}`, () => {
			const bench = new Bench();
			clock.advance(0);
			clock.advance(0);
			bench.receive({ cmd: "connack", returnCode: index + 1, sessionPresent: false });
			const [error] = bench.errors;
			assert.equal(error!.code, "refused");
			assert.equal(error!.returnCode, index + 1);
			assert.equal(error!.stage, "login");
			assert.ok(error!.message.includes(reason));
			assert.deepEqual(bench.control, [], "no CONNACK that looks like success");
			assert.equal(bench.closes, 1);
			over();
		});
	}

	it("says that a name was not found", () => {
		network.address = new Error("no such host");
		const bench = new Bench();
		clock.advance(0);
		clock.advance(0);
		assert.equal(bench.errors[0]!.code, "resolve");
		assert.equal(bench.errors[0]!.stage, "resolve");
		assert.match(bench.errors[0]!.message, /broker\.example: name not found: no such host/);
		over();
	});

	it("says that the socket did not connect", () => {
		network.connect = "refused";
		const bench = new Bench();
		clock.advance(10);
		assert.equal(bench.errors[0]!.code, "connect");
		assert.match(bench.errors[0]!.message, /connection refused/);
		over();
	});

	it("says that the connection was closed before CONNACK", () => {
		const bench = new Bench();
		clock.advance(0);
		clock.advance(0);
		bench.socket.fail();
		clock.advance(0);
		assert.equal(bench.errors[0]!.code, "lost");
		assert.equal(bench.errors[0]!.stage, "login");
		over();
	});

	for (const [what, prepare, stage] of [
		["the resolver", () => (network.address = undefined), "resolve"],
		["the socket", () => (network.connect = "never"), "connect"],
		["CONNACK", () => {}, "login"],
	] as const) {
		it(`gives up after 30 s when ${what} does not come`, () => {
			prepare();
			const bench = new Bench();
			clock.advance(29_999);
			assert.equal(bench.errors.length, 0);
			clock.advance(1);
			assert.equal(bench.errors[0]!.code, "timeout");
			assert.equal(bench.errors[0]!.stage, stage);
			over();
		});
	}

	it("has no deadline any more once it is connected", () => {
		const bench = new Bench().connect();
		clock.advance(3_600_000);
		assert.equal(bench.errors.length, 0);
	});

	it("reports an exception of resolver or socket class as an error, later", () => {
		const throwing = class {
			constructor() {
				throw new Error("no memory");
			}
		};
		for (const [options, code] of [
			[{ dns: { io: throwing as never } }, "resolve"],
			[{ host: "1.2.3.4", socket: { io: throwing as never } }, "connect"],
		] as const) {
			const bench = new Bench(options as never);
			assert.equal(bench.errors.length, 0, "no callback from within the constructor");
			clock.advance(0);
			assert.equal(bench.errors[0]!.code, code);
			assert.match(bench.errors[0]!.message, /no memory/);
		}
	});

	it("MQTT-3.2.0-1: refuses a first packet that is no CONNACK, and a second CONNACK", () => {
		for (const packet of [
			{ cmd: "pingresp" },
			{ cmd: "publish", topic: "t", payload: "x" },
			{ cmd: "suback", messageId: 1, granted: [0] },
		]) {
			const bench = new Bench();
			clock.advance(0);
			clock.advance(0);
			bench.receive(packet);
			assert.equal(bench.errors[0]!.code, "protocol");
			assert.equal(bench.errors[0]!.clause, "MQTT-3.2.0-1");
			assert.deepEqual(bench.readable, []);
		}
		const bench = new Bench().connect();
		bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: false });
		assert.equal(bench.errors[0]!.clause, "MQTT-3.2.0-1");
		over();
	});

	for (const [name, value] of [
		["host", ""],
		["host", undefined],
		["port", 0],
		["port", 65536],
		["keepAlive", -1],
		["keepAlive", 65_535_001],
		["timeout", -1],
		["receiveBuffer", 63],
		["maximumTopic", 0],
		["socket", {}],
		["dns", undefined],
		["onReadable", "callback"],
	] as const) {
		it(`refuses the option ${name}: ${JSON.stringify(value)}`, () => {
			const options = {
				host: "h",
				socket: { io: FakeTCP },
				dns: { io: FakeResolver },
				[name]: value,
			};
			throwsCode(() => new MQTTClient(options as never), "invalid", new RegExp(`^${name}`));
			over();
		});
	}

	it("leaves the options as they are, also when they are frozen", () => {
		const options = Object.freeze({
			host: "h",
			socket: Object.freeze({ io: FakeTCP }),
			dns: Object.freeze({ io: FakeResolver }),
		});
		new MQTTClient(options as never).close();
		over();
	});

	it("has the static values of ECMA-419 §25, read-only, `format` and `target`", () => {
		const names =
			"CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT";
		for (const [index, name] of names.split(" ").entries())
			assert.equal((MQTTClient as unknown as Record<string, number>)[name], index + 1);
		assert.throws(() => ((MQTTClient as unknown as Record<string, number>).CONNECT = 9), TypeError);
		const { client } = new Bench({ target: "x" });
		assert.equal(client.format, "buffer");
		assert.throws(() => (client.format = "number"), RangeError);
		assert.equal(client.target, "x");
		client.close();
	});
});
