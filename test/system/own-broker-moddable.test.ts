/** A broker of one's own, and the TLS that boards have: Moddable's. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { buildForTest, ModdableNode, withoutModdable } from "../support/moddable";
import { withoutMosquitto } from "../support/mosquitto";
import type { Observer } from "../support/observer";
import { OwnBroker } from "../support/own-broker";

describe("a broker of one's own, and a node under Moddable", { skip: withoutModdable || withoutMosquitto }, () => {
	const broker = new OwnBroker();
	let program: Awaited<ReturnType<typeof buildForTest>>;
	let observer: Observer;

	before(
		async () => {
			broker.do("init", "--host", "broker.example");
			broker.do("add-node", "sala", "--certificate");
			broker.do("add-user", "fone");
			await broker.start();
			observer = await broker.observe("fone");
			program = await buildForTest();
		},
		{ timeout: 900_000 },
	);
	after(async () => {
		await observer?.end();
		await broker.remove();
	});

	const read = (file: string) => readFileSync(file, "utf8");
	const connects = async (settings: object) => {
		const ca = read(broker.folder.authorities);
		const node = new ModdableNode(program, { id: "sala", ca, ...settings });
		node.start();
		try {
			await observer.next("vagalume/sala/status", 20_000, (payload) => payload === "online");
			const fan = observer.next("vagalume/sala/relay/fan");
			await observer.publish("vagalume/sala/relay/fan/set", "TOGGLE");
			await fan;
			assert.equal(await node.stop(), 0);
		} finally {
			await node.remove();
		}
	};

	test("enters with its password", async () => {
		await connects({ broker: broker.url, user: "sala", password: broker.password("sala") });
	});

	test("enters with its certificate", async () => {
		const [certificate, key] = (["client.crt", "client.key"] as const).map((name) =>
			read(broker.folder.client("sala", name)),
		);
		await connects({ broker: `mqtts://localhost:${broker.certificatePort}`, certificate, key });
	});

	test("trusts both authorities while one follows the other", async () => {
		broker.do("rotate", "--authority", "begin");
		const ca = read(broker.folder.authorities);
		await connects({ broker: broker.url, user: "sala", password: broker.password("sala"), ca });
		broker.do("rotate", "--authority", "switch");
		await connects({ broker: broker.url, user: "sala", password: broker.password("sala"), ca });
	});
});
