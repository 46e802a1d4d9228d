import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { equal, suite, type Test, throws } from "./harness";

const needs = (device: Device, bench: Bench) => device.update && device.flash && bench.update;

function open({ device, defer }: Test, options: { mode?: "a" | "w"; byteLength?: number } = {}) {
	const partition = device.flash.open({ path: "nextota" });
	const update = device.update.open({ partition, ...options });
	defer(() => {
		update.close();
		partition.close();
	});
	return { update, partition };
}

export default suite("update", (test) => {
	test(
		"mode a appends; what was written stands in the partition",
		(t) => {
			const { update, partition } = open(t);
			equal(update.format, "buffer", "format");
			update.write(new Uint8Array(16).fill(1));
			update.write(new Uint8Array(16).fill(2));
			equal(partition.read(4, 14), Uint8Array.of(1, 1, 2, 2));
			throws(() => update.write(new Uint8Array(4), 0), Error, "an offset in mode a");
		},
		{ needs },
	);

	test(
		"mode w writes anywhere, and wants an offset",
		(t) => {
			const { update, partition } = open(t, { mode: "w" });
			update.write(new Uint8Array(16).fill(2), 16);
			update.write(new Uint8Array(16).fill(1), 0);
			equal(partition.read(4, 14), Uint8Array.of(1, 1, 2, 2));
			throws(() => update.write(new Uint8Array(4)));
			throws(() => update.write(new Uint8Array(4), -4));
		},
		{ needs },
	);

	test(
		"more than the announced length is refused",
		(t) => {
			const { update } = open(t, { byteLength: 32 });
			update.write(new Uint8Array(32));
			throws(() => update.write(new Uint8Array(1)));
		},
		{ needs },
	);

	test(
		"an incomplete update is not activated",
		(t) => {
			const { update } = open(t, { byteLength: 32 });
			update.write(new Uint8Array(16));
			throws(() => update.complete());
		},
		{ needs },
	);

	test(
		"an update longer than its partition is refused",
		(t) => {
			const partition = t.device.flash.open({ path: "nextota" });
			t.defer(() => partition.close());
			const { size } = partition.status();
			throws(() => t.device.update.open({ partition, byteLength: size + 1 }));
		},
		{ needs },
	);

	test(
		"a partition that is read-only, closed or running is refused",
		(t) => {
			const { flash, update } = t.device;
			const partition = flash.open({ path: "nextota", mode: "r" });
			throws(() => update.open({ partition }));
			partition.close();
			throws(() => update.open({ partition }));
			throws(() => update.open({} as never));
			const running = flash.open({ path: "running" });
			t.defer(() => running.close());
			throws(() => update.open({ partition: running }));
		},
		{ needs },
	);

	test(
		"use after close throws, close again does not",
		(t) => {
			const { update } = open(t);
			update.close();
			update.close();
			throws(() => update.write(new Uint8Array(4)));
			throws(() => update.complete());
		},
		{ needs },
	);

	test(
		"nothing is written after complete",
		(t) => {
			const { update } = open(t, { byteLength: 32 });
			update.write(new Uint8Array(32).fill(0xe9));
			update.complete();
			throws(() => update.write(new Uint8Array(1)));
		},
		{ needs: (device, bench) => needs(device, bench) && bench.update === "bytes" },
	);
});
