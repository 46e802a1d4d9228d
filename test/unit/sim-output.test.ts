import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { JsonOutput, TextOutput } from "../../sim/output";

class Sink extends Writable {
	text = "";
	override _write(chunk: Buffer, _encoding: string, done: () => void): void {
		this.text += chunk;
		done();
	}
}

const date = Date.UTC(2026, 0, 1, 0, 0, 10, 250);
const message = {
	direction: "out",
	topic: "vagalume/sala/status",
	payload: Buffer.from("online"),
	qos: 1,
	retain: true,
	dup: false,
} as const;

test("with --json a log line and a message are one JSON line each, stamped with node time", async () => {
	const stdout = new Sink();
	const output = new JsonOutput(stdout, new Sink());
	output.log(date, undefined, "warn led: nonsense");
	output.message(date, undefined, message);
	await output.flush();
	const lines = stdout.text
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	assert.deepEqual(lines, [
		{ time: "2026-01-01T00:00:10.250Z", type: "log", level: "warn", message: "led: nonsense" },
		{
			time: "2026-01-01T00:00:10.250Z",
			type: "mqtt",
			direction: "out",
			topic: "vagalume/sala/status",
			payload: "online",
			qos: 1,
			retain: true,
			dup: false,
		},
	]);
});

test("with --json a payload that is no text appears in base64", async () => {
	const stdout = new Sink();
	const output = new JsonOutput(stdout, new Sink());
	output.message(date, "a", { ...message, payload: Buffer.from([0xff, 0x00]) });
	await output.flush();
	assert.equal(JSON.parse(stdout.text).base64, "/wA=");
	assert.equal(JSON.parse(stdout.text).node, "a");
});

test("ready goes to stderr with --json, so that stdout holds JSON alone", async () => {
	const stdout = new Sink();
	const stderr = new Sink();
	const output = new JsonOutput(stdout, stderr);
	output.ready("ready");
	await output.flush();
	assert.equal(stdout.text, "");
	assert.equal(stderr.text, "ready\n");
});

test("for people a message shows its direction, topic, payload and flags", () => {
	const stdout = new Sink();
	new TextOutput(stdout, false).message(date, undefined, message);
	assert.equal(stdout.text, "00:00:10.250 ->    vagalume/sala/status online QoS 1 retained\n");
});

test("for people a long payload is cut", () => {
	const stdout = new Sink();
	new TextOutput(stdout, false).message(date, undefined, { ...message, payload: Buffer.alloc(1000, "x") });
	assert.ok(stdout.text.length < 260);
	assert.match(stdout.text, /x\.\.\. QoS 1/);
});
