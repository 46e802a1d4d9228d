import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { test } from "node:test";
import { aclFile, passwordFile } from "../../deploy/mosquitto/acl";
import { hashPassword, newPassword } from "../../deploy/mosquitto/password";
import { nodeRights, roleRights } from "../../deploy/mosquitto/rights";
import node from "../../node";
import { allowed, probes } from "../../tools/broker/probes";

const rights = nodeRights(node, "sala");

test("a node writes each topic that it publishes, and no other", () => {
	for (const topic of ["status", "info", "telemetry", "telemetry/temperature", "led/strip", "relay/fan", "button/boot"])
		assert.ok(allowed(rights.write, `vagalume/sala/${topic}`), topic);
	for (const topic of ["response/ping", "update", "update/request", "log"])
		assert.ok(allowed(rights.write, `vagalume/sala/${topic}`), topic);
	for (const topic of ["led/onboard/set", "led/porch", "command/ping", "update/available", "update/block", "anything"])
		assert.ok(!allowed(rights.write, `vagalume/sala/${topic}`), topic);
	assert.ok(!allowed(rights.write, "vagalume/quarto/status"));
	assert.ok(!allowed(rights.write, "vagalume/all/command/restart"));
});

test("a node announces itself to Home Assistant, and nobody else", () => {
	assert.ok(allowed(rights.write, "homeassistant/device/sala/config"));
	for (const topic of ["device/quarto/config", "sensor/sala/temperature/config", "status", "device/sala"])
		assert.ok(!allowed(rights.write, `homeassistant/${topic}`), topic);
	const elsewhere = nodeRights({ ...node, homeAssistant: { prefix: "casa/ha" } }, "sala");
	assert.ok(elsewhere.write.includes("casa/ha/device/sala/config") && elsewhere.read.includes("casa/ha/status"));
	const { homeAssistant: _, ...without } = node;
	assert.ok(
		!JSON.stringify(nodeRights(without, "sala")).includes("homeassistant"),
		"nor there, where node.ts says nothing",
	);
});

test("a node reads its orders, its group's, updates, and Home Assistant's birth; not even what it says itself", () => {
	for (const start of ["vagalume/sala", "vagalume/all"])
		for (const topic of ["led/porch/set", "relay/fan/set", "command/ping", "update/available"])
			assert.ok(allowed(rights.read, `${start}/${topic}`), topic);
	assert.ok(allowed(rights.read, "vagalume/sala/update/block"));
	assert.ok(allowed(rights.read, "homeassistant/status"));
	for (const topic of ["vagalume/sala/status", "vagalume/quarto/led/onboard/set", "$SYS/broker/uptime"])
		assert.ok(!allowed(rights.read, topic), topic);
});

test("rights follow the base of node.ts, also one of one level or without an id", () => {
	const home = nodeRights({ ...node, base: "casa/terreo/{id}" }, "sala");
	assert.ok(home.write.includes("casa/terreo/sala/status") && home.read.includes("casa/terreo/all/led/+/set"));
	assert.ok(nodeRights({ ...node, base: "{id}" }, "sala").read.includes("all/command/+"));
	assert.deepEqual(roleRights("viewer", ["casa/terreo/{id}"], []), { read: ["casa/terreo/+/#"], write: [] });
	assert.deepEqual(roleRights("viewer", ["{id}"], []).read, ["+/#"]);
	assert.deepEqual(roleRights("viewer", ["casa/sala"], []).read, ["casa/sala/#", "casa/all/#"]);
	assert.deepEqual(roleRights("viewer", ["casa/n-{id}", "lab/{id}"], []).read, ["casa/+/#", "lab/+/#"]);
});

test("each role may do what the one before it may, and more", () => {
	const of = (role: Parameters<typeof roleRights>[0]) => roleRights(role, ["vagalume/{id}"], ["homeassistant"]);
	assert.ok(!allowed(of("viewer").write, "vagalume/sala/led/onboard/set"));
	assert.ok(allowed(of("panel").write, "vagalume/sala/led/onboard/set"));
	assert.ok(allowed(of("panel").write, "vagalume/all/command/identify"));
	assert.ok(!allowed(of("panel").write, "vagalume/sala/status"));
	assert.ok(!allowed(of("panel").write, "vagalume/sala/update/available"));
	assert.ok(!allowed(of("panel").read, "homeassistant/device/sala/config"));
	assert.ok(allowed(of("homeassistant").read, "homeassistant/device/sala/config"));
	assert.ok(allowed(of("homeassistant").write, "homeassistant/status"));
	assert.ok(
		allowed(of("homeassistant").write, "homeassistant/device/sala/config"),
		"it clears what it was told to forget",
	);
	assert.ok(!allowed(of("homeassistant").write, "vagalume/sala/status"));
	assert.ok(allowed(of("owner").write, "vagalume/sala/update/available"));
	assert.ok(allowed(of("owner").read, "$SYS/broker/uptime"));
	assert.ok(!allowed(of("owner").write, "$SYS/broker/uptime"));
});

test("the access list names each user, and merges what he may both read and write", () => {
	const text = aclFile([
		["sala", { read: ["a/set", "b"], write: ["b", "c d"] }],
		["fone", { read: [], write: [] }],
	]);
	assert.match(text, /\n\nuser sala\ntopic readwrite b\ntopic write c d\ntopic read a\/set\n\nuser fone\n$/);
});

test("what would break out of its line in the access list is refused", () => {
	for (const filter of ["a\ntopic readwrite #", " a", "a\r", ""])
		assert.throws(() => aclFile([["sala", { read: [filter], write: [] }]]), RangeError);
	assert.throws(() => aclFile([["a\nuser b", { read: [], write: [] }]]), RangeError);
});

test("passwords are hashed as Mosquitto 2 does it, each with its own salt", () => {
	const password = newPassword();
	assert.match(password, /^[a-km-np-z2-9]{24}$/);
	assert.notEqual(newPassword(), password);
	const [, seven, iterations, salt, hash] = hashPassword(password).split("$");
	assert.equal(seven, "7");
	const expected = pbkdf2Sync(password, Buffer.from(salt!, "base64"), Number(iterations), 64, "sha512");
	assert.equal(hash, expected.toString("base64"));
	assert.notEqual(hashPassword(password), hashPassword(password));
	assert.equal(passwordFile([["sala", "$7$x"]]), "sala:$7$x\n");
});

test("a trial asks for every right, and beside it", () => {
	const topics = probes([rights, nodeRights(node, "quarto")]);
	for (const topic of [
		"vagalume/sala/status",
		"vagalume/quarto/led/vagalume-test/set",
		"vagalume/sala/led/onboard/set",
		"$SYS/broker/uptime",
	])
		assert.ok(topics.includes(topic), topic);
	assert.ok(topics.every((topic) => !/[+#]/.test(topic)));
});

test("a filter with a wildcard in front is not for $SYS (MQTT-4.7.2-1)", () => {
	assert.ok(!allowed(["#", "+/broker/uptime"], "$SYS/broker/uptime"));
	assert.ok(allowed(["$SYS/#"], "$SYS/broker/uptime"));
	assert.ok(allowed(["a/#"], "a"));
	assert.ok(!allowed(["a/+"], "a"));
});
