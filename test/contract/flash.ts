import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { equal, ok, suite, type Test, throws } from "./harness";

const needs = (device: Device, bench: Bench) => device.flash && bench.scratch;

function open({ device, bench, defer }: Test, mode?: "r" | "r+") {
	const partition = device.flash.open(mode ? { path: bench.scratch!, mode } : { path: bench.scratch! });
	defer(() => partition.close());
	return partition;
}

export default suite("flash", (test) => {
	test(
		"status describes the partition",
		(t) => {
			const { size, blockLength, blocks, eraseValue } = open(t).status();
			ok(size > 0 && blockLength > 0, "size");
			equal(blocks * blockLength, size, "blocks * blockLength");
			ok(eraseValue === undefined || eraseValue === 0 || eraseValue === 0xff, `erase value ${eraseValue}`);
		},
		{ needs },
	);

	test(
		"iterates the names of partitions",
		({ device, bench }) => {
			ok([...device.flash].includes(bench.scratch!), "the scratch partition is not named");
		},
		{ needs },
	);

	test(
		"what is written after an erase is read back",
		(t) => {
			const partition = open(t);
			partition.eraseBlock(0);
			partition.write(Uint8Array.of(1, 2, 3, 4), 8);
			equal(partition.read(8, 4), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4));
		},
		{ needs },
	);

	test(
		"a write only clears bits",
		(t) => {
			const partition = open(t);
			partition.eraseBlock(0);
			partition.write(new Uint8Array(4).fill(0xf0), 0);
			partition.write(new Uint8Array(4).fill(0x3c), 0);
			equal(partition.read(4, 0), new Uint8Array(4).fill(0x30));
		},
		{ needs },
	);

	test(
		"eraseBlock erases its blocks and no other",
		(t) => {
			const partition = open(t);
			const { blockLength, blocks } = partition.status();
			ok(blocks >= 3, "three blocks");
			partition.eraseBlock(0, 3);
			for (let block = 0; block < 3; block++) partition.write(new Uint8Array(4), block * blockLength);
			partition.eraseBlock(1);
			equal(partition.read(4, 0), new Uint8Array(4), "block 0");
			equal(partition.read(4, blockLength), new Uint8Array(4).fill(0xff), "block 1");
			equal(partition.read(4, 2 * blockLength), new Uint8Array(4), "block 2");
			partition.eraseBlock(0, 3);
			equal(partition.read(4, 2 * blockLength), new Uint8Array(4).fill(0xff), "block 2 erased");
		},
		{ needs },
	);

	test(
		"read fills a buffer",
		(t) => {
			const partition = open(t);
			partition.eraseBlock(0);
			partition.write(Uint8Array.of(1, 2, 3, 4), 0);
			const target = new Uint8Array(6);
			equal(partition.read(new Uint8Array(target.buffer, 1, 4), 0), 4);
			equal(target, Uint8Array.of(0, 1, 2, 3, 4, 0));
		},
		{ needs },
	);

	test(
		"places outside the partition are refused",
		(t) => {
			const partition = open(t);
			const { size, blocks } = partition.status();
			throws(() => partition.read(4, size));
			throws(() => partition.read(4, -4));
			throws(() => partition.write(new Uint8Array(8), size - 4));
			throws(() => partition.eraseBlock(blocks));
			throws(() => partition.eraseBlock(-1));
			throws(() => partition.eraseBlock(1, 1));
		},
		{ needs },
	);

	test(
		"reading past the end gives what there is",
		(t) => {
			const partition = open(t);
			const { size } = partition.status();
			equal((partition.read(100, size - 8) as ArrayBuffer).byteLength, 8);
		},
		{ needs },
	);

	test(
		"read-only mode refuses write and erase",
		(t) => {
			const partition = open(t, "r");
			throws(() => partition.write(new Uint8Array(4), 0));
			throws(() => partition.eraseBlock(0));
		},
		{ needs },
	);

	test(
		"a partition that does not exist is an error",
		({ device }) => {
			throws(() => device.flash.open({ path: "nowhere" }));
			throws(() => device.flash.open({} as never));
		},
		{ needs },
	);

	test(
		"use after close throws, close again does not",
		(t) => {
			const partition = open(t);
			partition.close();
			partition.close();
			throws(() => partition.status());
			throws(() => partition.read(4, 0));
			throws(() => partition.write(new Uint8Array(4), 0));
			throws(() => partition.eraseBlock(0));
		},
		{ needs },
	);
});
