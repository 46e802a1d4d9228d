import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { after, before, describe, test } from "node:test";
import { Avahi, grammarFaults, withoutAvahi, withoutGrammar } from "../support/avahi";
import { LocalNetwork } from "../support/local-network";
import { MdnsPeer } from "../support/mdns-peer";
import { OwnBroker } from "../support/own-broker";

const TYPE = "_secure-mqtt._tcp.local";

describe("the broker's service file for Avahi", () => {
	const broker = new OwnBroker();
	before(() => broker.do("init", "--host", "broker.example,Firefly.local,other.local"));
	after(() => broker.remove());

	test("is as Avahi's own grammar has it", { skip: withoutGrammar }, () => {
		const text = readFileSync(broker.folder.avahi, "utf8");
		assert.equal(grammarFaults(text), "");
		assert.match(grammarFaults(text.replace("<port>8883</port>", "")), /Element service content does not follow/);
	});

	test("names the first of the broker's names in .local, is gone with the last one, and comes with a new one", () => {
		assert.match(readFileSync(broker.folder.avahi, "utf8"), /<host-name>Firefly\.local<\/host-name>/);
		broker.do("rotate", "--host", "broker.example");
		assert.ok(!existsSync(dirname(broker.folder.avahi)));
		broker.do("rotate", "--host", "firefly.local");
		assert.match(readFileSync(broker.folder.avahi, "utf8"), /<host-name>firefly\.local<\/host-name>/);
	});

	describe("with Debian's avahi-daemon", { skip: withoutAvahi }, () => {
		let network: LocalNetwork;
		let avahi: Avahi;
		let asker: MdnsPeer;
		before(async () => {
			network = await LocalNetwork.create();
			avahi = await Avahi.start(network.computers[0], "firefly", [broker.folder.avahi]);
			asker = await MdnsPeer.open(network.computers[1]);
		});
		after(async () => {
			await asker.close();
			await avahi.stop();
			await network.remove();
		});

		test("a query from a free port has all that a node needs in one answer", async () => {
			const { packet } = await asker.answer(TYPE, "PTR", 4711);
			const name = `Vagalume on firefly.${TYPE}`;
			assert.deepEqual(packet.questions, [{ name: TYPE, type: "PTR", class: "IN" }]);
			const records = [...packet.answers!, ...packet.additionals!];
			const of = (type: string) => records.filter((record) => record.type === type);
			const plain = { class: "IN", ttl: 10, flush: false };
			assert.deepEqual(of("PTR"), [{ ...plain, type: "PTR", name: TYPE, data: name }]);
			const data = { priority: 0, weight: 0, port: 8883, target: "firefly.local" };
			assert.deepEqual(of("SRV"), [{ ...plain, type: "SRV", name, data }]);
			assert.deepEqual(of("TXT"), [{ ...plain, type: "TXT", name, data: [Buffer.alloc(0)] }]);
			assert.deepEqual(of("A"), [{ ...plain, type: "A", name: "firefly.local", data: "192.0.2.1" }]);
		});
	});
});
