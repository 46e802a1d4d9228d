import type { KeyValueFormat } from "embedded:storage/key-value";
import { equal, ok, suite, type Test, throws } from "./harness";

const needs = (device: { keyValue?: unknown }) => device.keyValue;

function open({ device, defer }: Test, format?: KeyValueFormat) {
	const domain = device.keyValue.open(format ? { path: "contract", format } : { path: "contract" });
	defer(() => {
		const clean = device.keyValue.open({ path: "contract" });
		for (const key of [...clean]) clean.delete(key);
		clean.close();
		domain.close();
	});
	return domain;
}

export default suite("key-value", (test) => {
	test(
		"values come back in the format in which they were written",
		(t) => {
			const domain = open(t);
			equal(domain.format, "buffer", "format");
			domain.write("bytes", Uint8Array.of(1, 2, 3));
			equal(domain.read("bytes"), Uint8Array.of(1, 2, 3));
			domain.format = "string";
			domain.write("text", "vagalume é");
			equal(domain.read("text"), "vagalume é");
			const numbers: [KeyValueFormat, number, number][] = [
				["uint8", 0, 255],
				["int8", -128, 127],
				["uint16", 0, 65535],
				["int16", -32768, 32767],
				["uint32", 0, 4294967295],
				["int32", -2147483648, 2147483647],
			];
			for (const [format, low, high] of numbers) {
				domain.format = format;
				for (const value of [low, high]) {
					domain.write(format, value);
					equal(domain.read(format), value, format);
				}
			}
			domain.format = "int64";
			domain.write("big", -(2n ** 63n));
			equal(domain.read("big"), -(2n ** 63n));
			domain.format = "uint64";
			domain.write("bigger", 2n ** 64n - 1n);
			equal(domain.read("bigger"), 2n ** 64n - 1n);
		},
		{ needs },
	);

	test(
		"a view writes its own bytes only",
		(t) => {
			const domain = open(t);
			domain.write("view", new Uint8Array(Uint8Array.of(9, 1, 2, 9).buffer, 1, 2));
			equal(domain.read("view"), Uint8Array.of(1, 2));
		},
		{ needs },
	);

	test(
		"read fills a buffer and says how much",
		(t) => {
			const domain = open(t);
			domain.write("bytes", Uint8Array.of(1, 2, 3));
			const target = new Uint8Array(5);
			equal(domain.read("bytes", target), 3);
			equal(target, Uint8Array.of(1, 2, 3, 0, 0));
			throws(() => domain.read("bytes", new Uint8Array(2)));
		},
		{ needs },
	);

	test(
		"a key that does not exist reads as undefined",
		(t) => {
			equal(open(t).read("nothing"), undefined);
		},
		{ needs },
	);

	test(
		"reading in another format than it was written in is a TypeError",
		(t) => {
			const domain = open(t, "string");
			domain.write("text", "7");
			domain.format = "buffer";
			throws(() => domain.read("text"), TypeError);
		},
		{ needs },
	);

	test(
		"a value that cannot be coerced to the format is a TypeError",
		(t) => {
			const domain = open(t, "uint8");
			throws(() => domain.write("number", "seven"), TypeError);
			domain.format = "buffer";
			throws(() => domain.write("bytes", "text"), TypeError);
			domain.format = "int64";
			throws(() => domain.write("big", "text"), TypeError);
			equal(domain.read("number"), undefined, "nothing was written");
		},
		{ needs },
	);

	test(
		"write replaces, also by another format",
		(t) => {
			const domain = open(t, "string");
			domain.write("key", "one");
			domain.write("key", "two");
			equal(domain.read("key"), "two");
			domain.format = "uint8";
			domain.write("key", 3);
			equal(domain.read("key"), 3);
		},
		{ needs },
	);

	test(
		"delete removes, and takes a key that does not exist",
		(t) => {
			const domain = open(t, "string");
			domain.write("key", "one");
			domain.delete("key");
			equal(domain.read("key"), undefined);
			domain.delete("key");
		},
		{ needs },
	);

	test(
		"iterates the keys",
		(t) => {
			const domain = open(t, "uint8");
			for (const key of ["a", "b", "c"]) domain.write(key, 1);
			equal([...domain].sort().join(""), "abc");
			for (const key of domain) {
				ok(key, "a key");
				break;
			}
		},
		{ needs },
	);

	test(
		"domains are apart",
		(t) => {
			const domain = open(t, "string");
			domain.write("key", "one");
			const other = t.device.keyValue.open({ path: "contract2", format: "string" });
			t.defer(() => other.close());
			equal(other.read("key"), undefined);
		},
		{ needs },
	);

	test(
		"read-only mode refuses write and delete",
		(t) => {
			const domain = open(t, "string");
			domain.write("key", "one");
			const reader = t.device.keyValue.open({ path: "contract", mode: "r", format: "string" });
			t.defer(() => reader.close());
			equal(reader.read("key"), "one");
			throws(() => reader.write("key", "two"));
			throws(() => reader.delete("key"));
			equal(reader.read("key"), "one");
		},
		{ needs },
	);

	test(
		"keys have 1 to 15 bytes",
		(t) => {
			const domain = open(t, "string");
			domain.write("fifteen-letters", "x");
			throws(() => domain.write("sixteen--letters", "x"));
			throws(() => domain.write("", "x"));
			throws(() => domain.write("éééééééé", "x"), Error, "16 bytes in 8 characters");
		},
		{ needs },
	);

	test(
		"names of domains have 1 to 15 bytes",
		({ device }) => {
			throws(() => device.keyValue.open({ path: "sixteen--letters" }));
			throws(() => device.keyValue.open({ path: "" }));
		},
		{ needs },
	);

	test(
		"wrong options are refused",
		({ device }) => {
			throws(() => device.keyValue.open(undefined as never));
			throws(() => device.keyValue.open({} as never));
			throws(() => device.keyValue.open({ path: "contract", mode: "w" as never }));
			throws(() => device.keyValue.open({ path: "contract", format: "float" as never }));
		},
		{ needs },
	);

	test(
		"an unknown format is refused and changes nothing",
		(t) => {
			const domain = open(t, "uint8");
			throws(() => {
				domain.format = "float" as never;
			});
			equal(domain.format, "uint8");
		},
		{ needs },
	);

	test(
		"a string has at most 3,999 bytes",
		(t) => {
			const domain = open(t, "string");
			domain.write("long", "x".repeat(3999));
			throws(() => domain.write("longer", "x".repeat(4000)));
		},
		{ needs },
	);

	test(
		"a full partition is an error, and keeps what there is",
		(t) => {
			const domain = open(t);
			let written = 0;
			throws(() => {
				for (; written < 100; written++) domain.write(`k${written}`, new Uint8Array(1000).fill(written));
			});
			ok(written > 3, `only ${written} values of 1,000 bytes fit`);
			for (let index = 0; index < written; index++)
				equal(domain.read(`k${index}`), new Uint8Array(1000).fill(index), `value ${index}`);
		},
		{ needs },
	);

	test(
		"use after close throws, close again does not",
		({ device }) => {
			const domain = device.keyValue.open({ path: "contract" });
			domain.close();
			domain.close();
			throws(() => domain.read("key"));
			throws(() => domain.write("key", new ArrayBuffer(1)));
			throws(() => domain.delete("key"));
			throws(() => domain.format);
			throws(() => [...domain]);
		},
		{ needs },
	);
});
