import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { describe, test } from "node:test";
import { NetworkOperation, SocketEvent, WiFiEvent } from "../../hosts/shared/operations/network";
import { RECEIVE_WINDOW, SEND_BUFFER } from "../../hosts/shared/services/network";
import { networkBench } from "../support/network-bench";

type NetworkBench = ReturnType<typeof networkBench>;

/** A node that is connected to a server; `peer` is the server's end, `received` what came there. */
async function connected(bench: NetworkBench = networkBench()) {
	const received: Buffer[] = [];
	let peer!: Duplex;
	let peerEnded = false;
	bench.internet.serve("10.0.0.9", 1883, (stream) => {
		peer = stream;
		stream.on("data", (chunk: Buffer) => void received.push(chunk));
		stream.on("close", () => {
			peerEnded = true;
		});
	});
	await bench.pass(1000);
	const handle = bench.host.call(
		NetworkOperation.tcpConnect,
		JSON.stringify({ address: "10.0.0.9", port: 1883 }),
	) as number;
	await bench.pass(100);
	const text = () => Buffer.concat(received).toString();
	return { ...bench, handle, peer, received: text, peerEnded: () => peerEnded };
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text)).buffer as ArrayBuffer;

describe("a TCP connection", () => {
	test("is writable once it stands, with the room of the board's send buffer", async () => {
		const { take, handle } = await connected();
		assert.deepEqual(
			take(SocketEvent.writable, handle).map(({ a }) => a),
			[SEND_BUFFER],
		);
	});

	test("while the Wi-Fi is away both sides hear nothing, and what was written arrives afterwards", async () => {
		const { host, handle, peer, received, network, pass, take, peerEnded } = await connected();
		network.station.down();
		host.call(NetworkOperation.tcpWrite, handle, bytes("hello"));
		peer.write("news");
		await pass(2000);
		assert.equal(received(), "");
		assert.deepEqual(take(SocketEvent.readable), []);
		assert.deepEqual(take(SocketEvent.error), []);
		assert.equal(peerEnded(), false);
		network.station.up();
		await pass(100);
		assert.equal(received(), "hello");
		assert.equal(take(SocketEvent.readable)[0]?.a, 4);
	});

	test("lives through a loss that the node noticed, when it joins again in time", async () => {
		const { host, handle, received, network, pass, take } = await connected();
		network.station.down();
		await pass(10_000);
		assert.equal(network.station.connection, 200);
		host.call(NetworkOperation.tcpWrite, handle, bytes("later"));
		network.station.up();
		await pass(10_000);
		assert.equal(network.station.connection, 500);
		assert.equal(received(), "later");
		assert.deepEqual(take(SocketEvent.error), []);
	});

	test("is aborted when the Wi-Fi stays away for two minutes", async () => {
		const { network, pass, take, handle } = await connected();
		network.station.down();
		await pass(119_000);
		assert.deepEqual(take(SocketEvent.error), []);
		await pass(2000);
		const [error] = take(SocketEvent.error, handle);
		assert.match(String(error?.a), /Wi-Fi was away/);
		assert.equal(error?.b, "ECONNABORTED");
	});

	test("that the peer ends meanwhile is told when the Wi-Fi is back", async () => {
		const { network, pass, take, peer } = await connected();
		network.station.down();
		peer.end();
		await pass(2000);
		assert.deepEqual(take(SocketEvent.error), []);
		network.station.up();
		await pass(100);
		assert.match(String(take(SocketEvent.error)[0]?.a), /closed by 10\.0\.0\.9:1883/);
	});

	test("that the node closes meanwhile is told to the peer when the Wi-Fi is back", async () => {
		const { host, handle, network, pass, peerEnded } = await connected();
		network.station.down();
		host.call(NetworkOperation.tcpClose, handle);
		await pass(2000);
		assert.equal(peerEnded(), false);
		network.station.up();
		await pass(100);
		assert.equal(peerEnded(), true);
	});

	test("cannot be made without Wi-Fi: the error says so", async () => {
		const bench = networkBench({ join: false });
		bench.host.call(NetworkOperation.tcpConnect, JSON.stringify({ address: "10.0.0.9", port: 1883 }));
		await bench.pass(10);
		const [error] = bench.take(SocketEvent.error);
		assert.match(String(error?.a), /10\.0\.0\.9:1883: network unreachable/);
		assert.equal(error?.b, "ENETUNREACH");
	});

	test("a refused one says with whom", async () => {
		const bench = networkBench();
		await bench.pass(1000);
		bench.host.call(NetworkOperation.tcpConnect, JSON.stringify({ address: "10.0.0.8", port: 1883 }));
		await bench.pass(100);
		assert.equal(bench.take(SocketEvent.error)[0]?.a, "10.0.0.8:1883: connection refused");
	});

	test("a node that does not read holds its peer back; all arrives, in order", async () => {
		const { host, handle, peer, pass, take } = await connected();
		const sent = Buffer.alloc(200_000, "0123456789");
		let flushed = false;
		for (let offset = 0; offset < sent.length; offset += 1000)
			peer.write(sent.subarray(offset, offset + 1000), () => {
				if (offset + 1000 === sent.length) flushed = true;
			});
		await pass(1000);
		assert.equal(take(SocketEvent.readable).at(-1)?.a, RECEIVE_WINDOW);
		await pass(10_000);
		assert.deepEqual(take(SocketEvent.readable), [], "the window is full");
		assert.equal(flushed, false);
		assert.ok(peer.writableLength > 100_000, `${peer.writableLength} bytes wait at the peer`);
		const parts: Uint8Array[] = [];
		for (let round = 0; round < 500 && !flushed; round++) {
			for (;;) {
				const part = host.call(NetworkOperation.tcpRead, handle, 1500) as unknown as Uint8Array | undefined;
				if (!part) break;
				parts.push(Uint8Array.from(part));
			}
			await pass(10);
		}
		for (;;) {
			const part = host.call(NetworkOperation.tcpRead, handle, 1500) as unknown as Uint8Array | undefined;
			if (!part) break;
			parts.push(Uint8Array.from(part));
			await pass(10);
		}
		assert.deepEqual(Buffer.concat(parts), sent);
	});

	test("a peer that does not read leaves no room to write", async () => {
		const bench = networkBench();
		bench.internet.serve("10.0.0.9", 1, () => {});
		await bench.pass(1000);
		const handle = bench.host.call(
			NetworkOperation.tcpConnect,
			JSON.stringify({ address: "10.0.0.9", port: 1 }),
		) as number;
		await bench.pass(100);
		let written = 0;
		for (;;) {
			const room = bench.take(SocketEvent.writable).at(-1)?.a as number | undefined;
			if (room === undefined) break;
			bench.host.call(NetworkOperation.tcpWrite, handle, new ArrayBuffer(room));
			written += room;
			await bench.pass(100);
		}
		assert.ok(written < 100_000, `${written} bytes were taken`);
		assert.throws(() => bench.host.call(NetworkOperation.tcpWrite, handle, new ArrayBuffer(1)), /only 0 are writable/);
	});

	test("is seen by the tap: opened, plain bytes in order, closed", async () => {
		const bench = networkBench();
		const seen: string[] = [];
		bench.network.tap = {
			opened: ({ id, address, port, secure }) => void seen.push(`${id} ${address}:${port} ${secure}`),
			bytes: ({ id }, direction, chunk) => void seen.push(`${id} ${direction} ${Buffer.from(chunk)}`),
			closed: ({ id }) => void seen.push(`${id} closed`),
		};
		const { host, handle, peer, pass } = await connected(bench);
		host.call(NetworkOperation.tcpWrite, handle, bytes("out"));
		peer.write("in");
		await pass(100);
		host.call(NetworkOperation.tcpClose, handle);
		assert.deepEqual(seen, ["1 10.0.0.9:1883 false", "1 out out", "1 in in", "1 closed"]);
	});

	test("ends for the peer when the node's power goes", async () => {
		const { host, pass, peerEnded } = await connected();
		host.close();
		await pass(100);
		assert.equal(peerEnded(), true);
	});
});

describe("the Wi-Fi", () => {
	const states = (bench: NetworkBench) => bench.take(WiFiEvent.changed).map(({ a, at }) => `${at} ${a}`);

	test("is lost after some beacons, and not at all when it is back before", async () => {
		const bench = networkBench();
		bench.host.call(NetworkOperation.wifiOpen);
		await bench.pass(1000);
		states(bench);
		bench.network.station.down();
		await bench.pass(2500);
		bench.network.station.up();
		await bench.pass(10_000);
		assert.deepEqual(states(bench), []);
		bench.network.station.down();
		await bench.pass(3500);
		assert.deepEqual(states(bench), ["16500 connection"]);
	});

	test("a signal below -92 dBm is none", async () => {
		const bench = networkBench();
		await bench.pass(1000);
		assert.equal(bench.network.up, true);
		bench.network.station.setSignal(-93);
		assert.equal(bench.network.up, false);
		bench.network.station.setSignal(-80);
		assert.equal(bench.network.up, true);
		const { RSSI } = bench.network.station;
		assert.ok(RSSI! >= -84 && RSSI! <= -76, String(RSSI));
		bench.air.point().down();
		assert.equal(bench.network.up, false);
		bench.air.point().up();
		assert.equal(bench.network.up, true);
	});

	test("RSSI wanders by the seed: the same one, the same values", async () => {
		const run = async (seed: number) => {
			const bench = networkBench({ seed });
			const values: (number | undefined)[] = [];
			for (let second = 0; second < 120; second++) {
				await bench.pass(1000);
				values.push(bench.network.station.RSSI);
			}
			return values;
		};
		const first = await run(1);
		assert.deepEqual(await run(1), first);
		assert.notDeepEqual(await run(2), first);
		assert.ok(new Set(first).size > 3, String(first));
		assert.ok(first.every((value) => value! >= -58 && value! <= -52));
	});

	test("an unknown network, a wrong password and a missing one end at disconnected", async () => {
		for (const options of [
			{ SSID: "elsewhere" },
			{ SSID: "vagalume", password: "wrong password" },
			{ SSID: "vagalume" },
		]) {
			const bench = networkBench({ join: false });
			bench.host.call(NetworkOperation.wifiConnect, JSON.stringify(options));
			assert.equal(bench.network.station.connection, 300);
			await bench.pass(5000);
			assert.equal(bench.network.station.connection, 200, JSON.stringify(options));
		}
	});

	test("scan finds what can be heard", async () => {
		const bench = networkBench();
		const handle = bench.host.call(NetworkOperation.wifiOpen) as number;
		bench.host.call(NetworkOperation.wifiScan, handle, JSON.stringify({ channel: 6 }));
		await bench.pass(2000);
		const found = bench.take(WiFiEvent.found, handle).map(({ a }) => JSON.parse(a as string));
		assert.deepEqual(
			found.map(({ SSID, channel, security }) => [SSID, channel, security]),
			[["vagalume", 6, "wpa2_psk"]],
		);
		assert.equal(bench.take(WiFiEvent.complete, handle).length, 1);
	});
});
