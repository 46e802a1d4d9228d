/**
 * A test harness that is itself portable firmware: it needs `timer` and `trace`. Results are lines: `ok 1 - suite: test`,
 * `not ok 2 - ...` with the reason on the next line, `skip 3 - ...`, and at the end `contract: N passed, N failed, N skipped`.
 */
import type { Device } from "embedded:provider/builtin";
import Timer from "timer";
import { type Bench, benchOf } from "./bench";

/** Given to each test. */
export interface Test {
	readonly device: Device;
	readonly bench: Bench;
	/** Runs after the test, passed or failed: for what it opened. The last one given runs first. */
	defer(cleanup: () => void): void;
	/** A callback for a class under test: what it throws fails the test. */
	guard<A extends unknown[], R>(callback: (...values: A) => R): (...values: A) => R | undefined;
	/** Waits until `start` calls `done`. */
	until<V = void>(start: (done: (value: V) => void) => void): Promise<V>;
	sleep(milliseconds: number): Promise<void>;
}

export interface TestOptions {
	/** What the host or its bench must offer: the test is skipped when it returns something falsy. */
	needs?(device: Device, bench: Bench): unknown;
	/** ms; 5,000 when omitted. */
	timeout?: number;
}

type Body = (test: Test) => void | Promise<void>;
export type Define = (name: string, body: Body, options?: TestOptions) => void;

export interface Suite {
	readonly name: string;
	readonly define: (test: Define) => void;
}

interface Case extends TestOptions {
	readonly name: string;
	readonly body: Body;
}

const TIMEOUT = 5000;

/** Names a group of tests; `define` is called when it runs. */
export function suite(name: string, define: (test: Define) => void): Suite {
	return Object.freeze({ name, define });
}

/** Runs suites one after another, and reports. */
export async function run(suites: readonly Suite[], device: Device): Promise<void> {
	const bench = benchOf(device.system.settings);
	let number = 0;
	let passed = 0;
	let failed = 0;
	let skipped = 0;
	for (const { name, define } of suites) {
		const cases: Case[] = [];
		define((title, body, options) => cases.push({ ...options, name: `${name}: ${title}`, body }));
		for (const one of cases) {
			number++;
			if (one.needs && !one.needs(device, bench)) {
				skipped++;
				trace(`skip ${number} - ${one.name}\n`);
				continue;
			}
			const problem = await attempt(one, device, bench);
			if (problem === undefined) {
				passed++;
				trace(`ok ${number} - ${one.name}\n`);
			} else {
				failed++;
				trace(`not ok ${number} - ${one.name}\n# ${problem.split("\n").join("\n# ")}\n`);
			}
		}
	}
	trace(`contract: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
}

/** Why a test failed; undefined when it passed. */
async function attempt(one: Case, device: Device, bench: Bench): Promise<string | undefined> {
	const cleanups: (() => void)[] = [];
	const timeout = one.timeout ?? TIMEOUT;
	let timer: Timer | undefined;
	let problem: string | undefined;
	try {
		await new Promise<void>((resolve, reject) => {
			timer = Timer.set(() => reject(new Error(`not finished after ${timeout} ms`)), timeout);
			const test: Test = {
				device,
				bench,
				defer: (cleanup) => void cleanups.push(cleanup),
				guard: (callback) =>
					function (this: unknown, ...values) {
						try {
							return callback.apply(this, values);
						} catch (error) {
							reject(error);
							return undefined;
						}
					},
				until: (start) => new Promise((done) => start(done)),
				sleep: (milliseconds) => new Promise((done) => void Timer.set(() => done(), milliseconds)),
			};
			// A test that throws at once rejects too.
			Promise.resolve()
				.then(() => one.body(test))
				.then(resolve, reject);
		});
	} catch (error) {
		problem = describe(error);
	}
	Timer.clear(timer);
	for (const cleanup of cleanups.reverse()) {
		try {
			cleanup();
		} catch (error) {
			problem ??= `clean-up: ${describe(error)}`;
		}
	}
	return problem;
}

function describe(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return error.stack ? `${error.name}: ${error.message}\n${error.stack}` : `${error.name}: ${error.message}`;
}

/** A value as messages show it. */
function show(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value);
	if (typeof value === "bigint") return `${value}n`;
	if (value instanceof Error) return `${value.name}: ${value.message}`;
	const bytes = bytesOf(value);
	if (bytes) return `${bytes.length} bytes [${bytes.subarray(0, 32).join(" ")}]`;
	return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

function bytesOf(value: unknown): Uint8Array | undefined {
	if (value instanceof ArrayBuffer) return new Uint8Array(value);
	if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
	return undefined;
}

/** Fails unless both are the same; byte buffers and arrays by their contents. */
export function equal(actual: unknown, expected: unknown, what = "value"): void {
	const bytes = bytesOf(actual);
	const other = bytesOf(expected);
	const same =
		bytes && other
			? bytes.length === other.length && bytes.every((byte, index) => byte === other[index])
			: Array.isArray(expected)
				? JSON.stringify(actual) === JSON.stringify(expected)
				: Object.is(actual, expected);
	if (!same) throw new Error(`${what} is ${show(actual)}, expected ${show(expected)}`);
}

/** Fails unless `condition` holds. */
export function ok(condition: unknown, what: string): asserts condition {
	if (!condition) throw new Error(what);
}

/** Fails unless `action` throws an error of `type` (Error: any). Returns the error. */
export function throws(action: () => unknown, type: ErrorConstructor = Error, what = "it"): Error {
	let result: unknown;
	try {
		result = action();
	} catch (error) {
		if (!(error instanceof type)) throw new Error(`${what} threw ${describe(error)}, expected ${type.name}`);
		if (error.message === "") throw new Error(`${what} threw an error without a message`);
		return error;
	}
	throw new Error(`${what} returned ${show(result)}, expected ${type.name}`);
}

/** Fails unless `low` <= `actual` <= `high`. */
export function between(actual: number, low: number, high: number, what = "value"): void {
	if (!(actual >= low && actual <= high)) throw new Error(`${what} is ${actual}, expected ${low}..${high}`);
}
