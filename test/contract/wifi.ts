import type WiFi from "embedded:network/interface/wifi";
import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { between, equal, ok, suite, type Test, throws } from "./harness";

const needs = (device: Device, bench: Bench) => device.network?.interface?.WiFi0 && bench.wifi;

function open({ device, defer }: Test, onChanged?: (property: string) => void): WiFi {
	const { WiFi0 } = device.network.interface;
	const wifi = new WiFi0.io(onChanged ? { ...WiFi0, onChanged } : WiFi0);
	defer(() => wifi.close());
	return wifi;
}

/** Joins the bench's network, if the device has not. */
async function join(t: Test): Promise<WiFi> {
	let done = () => {};
	const wifi = open(t, () => {
		if (wifi.connection >= 500) done();
	});
	if (wifi.connection < 500) {
		await t.until<void>((finish) => {
			done = finish;
			if (wifi.connection < 300) wifi.connect(t.bench.wifi!);
		});
	}
	return wifi;
}

export default suite("wifi", (test) => {
	test(
		"connect passes through the states up to an address",
		async (t) => {
			const wifi = await join(t);
			wifi.disconnect();
			await t.sleep(500);
			const states: number[] = [];
			const names = new Set<string>();
			await t.until<void>((done) => {
				const watcher = open(t, (property) => {
					names.add(property);
					states.push(watcher.connection);
					if (watcher.connection >= 500) done();
				});
				wifi.connect(t.bench.wifi!);
				ok(wifi.connection < 400, "connected from within connect");
			});
			equal(states.join(), [...states].sort((a, b) => a - b).join(), "states in order");
			ok(names.has("connection"), "onChanged did not name connection");
			ok(/^\d+\.\d+\.\d+\.\d+$/.test(wifi.address ?? ""), `address ${wifi.address}`);
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"tells about the base station and itself",
		async (t) => {
			const wifi = await join(t);
			equal(wifi.SSID, t.bench.wifi!.SSID, "SSID");
			between(wifi.RSSI ?? 0, -100, -10, "RSSI");
			ok(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(wifi.MAC ?? ""), `MAC ${wifi.MAC}`);
			ok(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(wifi.BSSID ?? ""), `BSSID ${wifi.BSSID}`);
			between(wifi.channel ?? 0, 1, 196, "channel");
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"connect throws while connecting",
		async (t) => {
			const wifi = await join(t);
			wifi.disconnect();
			await t.sleep(500);
			wifi.connect(t.bench.wifi!);
			throws(() => wifi.connect(t.bench.wifi!));
			await join(t);
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"disconnect ends address and base station",
		async (t) => {
			const wifi = await join(t);
			wifi.disconnect();
			await t.sleep(500);
			between(wifi.connection, 0, 200, "connection");
			equal(wifi.address, undefined, "address");
			equal(wifi.SSID, undefined, "SSID");
			equal(wifi.RSSI, undefined, "RSSI");
			wifi.disconnect();
			await join(t);
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"a wrong password ends at disconnected",
		async (t) => {
			const wifi = await join(t);
			wifi.disconnect();
			await t.sleep(500);
			await t.until<void>((done) => {
				const watcher = open(t, () => watcher.connection <= 200 && done());
				wifi.connect({ ...t.bench.wifi!, password: "certainly-wrong" });
			});
			await join(t);
		},
		{ needs: (device, bench) => needs(device, bench) && bench.wifi?.password, timeout: 30_000 },
	);

	test(
		"scan finds the bench's network",
		async (t) => {
			const wifi = await join(t);
			const found: { SSID: string; RSSI: number; channel: number }[] = [];
			await t.until<void>((done) => {
				wifi.scan({ onFound: (result) => void found.push(result), onComplete: done });
				throws(() => wifi.scan({ onFound() {} }), Error, "a second scan");
			});
			const own = found.find(({ SSID }) => SSID === t.bench.wifi!.SSID);
			ok(own, "not found");
			between(own.RSSI, -100, -10, "RSSI");
			between(own.channel, 1, 196, "channel");
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"wrong arguments are refused",
		async (t) => {
			const wifi = await join(t);
			throws(() => wifi.connect(undefined as never));
			throws(() => wifi.connect({}));
			throws(() => wifi.scan({} as never));
			throws(() => wifi.scan({ onFound() {}, frequency: 3 }));
			throws(() => wifi.connect({ SSID: "x".repeat(33) }));
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"use after close throws, close again does not",
		(t) => {
			const wifi = open(t);
			wifi.close();
			wifi.close();
			throws(() => wifi.connection);
			throws(() => wifi.connect(t.bench.wifi!));
			throws(() => wifi.disconnect());
		},
		{ needs },
	);
});
