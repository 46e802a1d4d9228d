/** The sockets of the ESP32 host, TLS above all, over the SDK's own on this computer: what of them needs no board. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { announcementOf } from "../../tools/ota/fleet";
import { ImageServer } from "../../tools/ota/image-server";
import { signRelease } from "../../tools/release/sign";
import { root } from "../../tools/root";
import { certificate, certificateFile, withoutOpenssl } from "../support/certificates";
import { freePort } from "../support/free-port";
import { buildForTest, ModdableNode, withoutModdable } from "../support/moddable";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { releaseOf, signingKey } from "../support/release";
import { TokenIssuer } from "../support/token-issuer";
import { TokenWorld } from "../support/token-world";
import { until } from "../support/until";

const base = "vagalume/sala";

describe("the sockets of boards", { skip: withoutModdable || withoutMosquitto || withoutOpenssl }, () => {
	const folder = mkdtempSync(join(tmpdir(), "vagalume-esp32-tls-"));
	let plain: number;
	let secure: number;
	let program: Awaited<ReturnType<typeof buildForTest>>;
	let broker: Mosquitto;
	let observer: Observer;

	const listener = (...names: string[]) => {
		const chain = join(folder, `${names.join("-")}.pem`);
		writeFileSync(chain, names.map((name) => certificate(`${name}.pem`)).join(""));
		return [
			`listener ${plain} 127.0.0.1`,
			`listener ${secure} 127.0.0.1`,
			`cafile ${certificateFile("rsa-authority.pem")}`,
			`certfile ${chain}`,
			`keyfile ${certificateFile(`${names[0]}.key`)}`,
		];
	};
	const restart = async (settings: readonly string[]) => {
		await broker.stop();
		broker.configure(settings);
		await broker.start();
	};
	const start = (settings: object = {}) => {
		const node = new ModdableNode(program, {
			id: "sala",
			broker: `mqtts://localhost:${secure}`,
			ca: certificate("rsa-authority.pem"),
			...settings,
		});
		node.start();
		return node;
	};

	before(
		async () => {
			program = await buildForTest(join(root, "test", "moddable", "board-sockets", "manifest.json"));
			[plain, secure] = [await freePort(), await freePort()];
			broker = await Mosquitto.start(listener("rsa-server"), plain);
			observer = await Observer.connect(broker.url, "#", { reconnectPeriod: 100 });
		},
		{ timeout: 900_000 },
	);
	after(async () => {
		await observer?.end();
		await broker?.remove();
		rmSync(folder, { recursive: true });
	});

	for (const scheme of ["mqtt", "mqtts"])
		test(`${scheme}: the node connects, obeys orders, loses the broker, comes back, says goodbye`, async (t) => {
			const node = start(scheme === "mqtt" ? { broker: `mqtt://localhost:${plain}` } : {});
			t.after(() => node.remove());
			const online = () => observer.of(`${base}/status`).at(-1) === "online";
			await until(online, 20_000, "online");
			for (const size of [10, 400]) {
				const answer = observer.next(`${base}/response/ping`, 10_000, (text) => text.includes(`"${size}"`));
				await observer.publish(`${base}/command/ping`, `{"id":"${size}"${" ".repeat(size)}}`);
				await answer;
			}
			const again = observer.next(`${base}/response/ping`, 60_000, (text) => text.includes('"again"'));
			await broker.stop();
			await node.says(/next attempt/, 20_000);
			await broker.start();
			await until(
				() => node.lines.filter((line) => /MQTT: connected/.test(line)).length >= 2,
				30_000,
				"connected again",
			);
			await observer.publish(`${base}/command/ping`, '{"id":"again"}');
			await again;
			const offline = observer.next(`${base}/status`, 10_000, (payload) => payload === "offline");
			assert.equal(await node.stop(), 0);
			await offline;
		});

	const refusals: [string, string[], string, RegExp][] = [
		["another authority", ["rsa-server"], "rsa-stranger.pem", /no known authority signed it/],
		["another name", ["rsa-misnamed"], "rsa-authority.pem", /it is not for localhost/],
		["an expired certificate", ["rsa-expired"], "rsa-authority.pem", /expired/],
		[
			"a leaf that was misused as an authority",
			["rsa-impostor", "rsa-misnamed"],
			"rsa-authority.pem",
			/no known authority/,
		],
	];
	for (const [what, chain, ca, reason] of refusals)
		test(`${what}: refused with its reason, tried again, and the machine lives`, async (t) => {
			await restart(listener(...chain));
			const node = start({ ca: certificate(ca) });
			t.after(() => node.remove());
			const refused = () => node.lines.filter((line) => /next attempt/.test(line));
			await until(() => refused().length >= 2, 30_000, "two refusals").catch((error) => {
				throw new Error(`${error.message}\n${node.lines.join("\n")}`);
			});
			for (const line of refused()) assert.match(line, reason);
			assert.equal(await node.stop(), 0);
		});

	test("tokens come over HTTPS beside MQTT over TLS: two renewals, never offline, each record once", async (t) => {
		const issuer = new TokenIssuer("RS256");
		issuer.life = 16;
		t.after(() => issuer.close());
		const world = await TokenWorld.start(issuer, "rsa-");
		t.after(() => world.close());
		const token = { url: await world.serve(), client: issuer.client, secret: issuer.secret };
		const node = start({ broker: world.broker, token });
		t.after(() => node.remove());
		await until(() => world.admitted.length >= 3, 90_000, "two renewals").catch((error) => {
			throw new Error(`${error.message}\n${node.lines.join("\n")}`);
		});
		const last = world.records.length;
		await until(() => world.records.length > last, 20_000, "a record with the last token");
		assert.deepEqual(new Set(world.of("status")), new Set(["online"]));
		const { records } = world;
		assert.deepEqual(
			records,
			records.map((_, index) => records[0]! + index),
		);
		assert.equal(await node.stop(), 0);
		await until(() => world.of("status").at(-1) === "offline", 5000, "offline");
	});

	test("an image of 100 KB comes over HTTPS beside MQTT over TLS, in blocks, and is the one that was signed", async (t) => {
		await restart(listener("rsa-server"));
		const image = Buffer.alloc(100_000, "no firmware, but 100 KB of something ");
		const { privateKey, trusted } = signingKey();
		const sha256 = createHash("sha256").update(image).digest("base64url");
		const expires = Date.UTC(2100, 0) / 1000;
		const images = { moddable: { size: image.length, sha256 } };
		const text = signRelease(releaseOf({ version: "9.9.9", sequence: 1e13, expires, images }), privateKey);
		const server = await ImageServer.start(new Map([["moddable.bin", image]]), {
			address: "localhost",
			port: 0,
			certificate: certificate("rsa-server.pem"),
			key: certificate("rsa-server.key"),
		});
		t.after(() => server.close());
		const node = start({ releaseKeys: [Buffer.from(trusted.bytes).toString("base64url")] });
		t.after(() => node.remove());
		await until(() => node.lines.some((line) => /MQTT: connected/.test(line)), 30_000, "connected");
		await until(() => observer.of(`${base}/update`).length > 0, 10_000, "its state");
		observer.seen.length = 0;
		await observer.publish(`${base}/update/available`, announcementOf({ text, url: server.url }));
		const states = () => observer.of(`${base}/update`).map((payload) => JSON.parse(payload));
		const over = () => states().some(({ phase, result }) => result || phase === "installing");
		await until(over, 120_000, "an end").catch((error) => {
			throw new Error(`${error.message}\n${node.lines.join("\n")}`);
		});
		// Nothing is installed before all of it was there, and was what had been signed.
		assert.deepEqual(
			[...new Set(states().map(({ phase }) => phase))].slice(0, 3),
			["downloading", "checking", "installing"],
			JSON.stringify(states()),
		);
		assert.equal(await node.stop(), 0);
	});
});
