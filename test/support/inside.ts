/** Drives a program of test/inside: an XS machine with a host that knows time and one socket, all in this process. */
import { join, relative, resolve } from "node:path";
import { type HostValue, Machine, type MachineEnd, Rom, type Statistics } from "../../hosts/desktop/engine/index";
import { FirmwareLoader } from "../../hosts/desktop/firmware/loader";
import { ALARM_HANDLE, SystemOperation } from "../../hosts/shared/operations/system";
import { root } from "../../tools/root";
import { DRIVER_HANDLE, Event, Operation } from "../inside/operations";

/** What the ROM holds, as on a board that preloads its firmware. */
const preloaded = [
	"timer",
	"time",
	"hosts/shared/embedded/dispatch",
	"modules/mqtt/session",
	"modules/mqtt/standard-client",
	"modules/mqtt/transport/websocket-socket",
	"modules/update/ed25519",
	"modules/update/sha256",
];

/**
 * The ROM of a program of test/inside.
 *
 * @param program its name
 * @param instead what bare specifiers stand for, when it is something else than in the firmware: paths without extension
 */
export function insideRom(program: string, instead: Readonly<Record<string, string>> = {}): Rom {
	const replaced = Object.entries(instead).map(([specifier, path]) => [specifier, relative(root, resolve(root, path))]);
	const loader = new FirmwareLoader(root, { ...Object.fromEntries(replaced), main: `test/inside/${program}` });
	const preload = preloaded.map((name) => (name.includes("/") ? join(root, name) : name));
	const parts = loader.imports(join(root, `test/inside/${program}.ts`)).filter((id) => id.includes("/test/inside/"));
	const rom = new Rom({
		loader,
		preload: [...preload, "embedded:network/mqtt/client"],
		modules: [...parts, "main"],
	});
	loader.save();
	return rom;
}

/** Thrown when the program ended its machine. */
export class InsideError extends Error {
	readonly end: MachineEnd;

	constructor(end: MachineEnd) {
		super(`${end.reason}: ${end.message}\n${end.stack}`);
		this.end = end;
	}
}

/** One machine that runs a program of test/inside. */
export class Inside {
	readonly machine: Machine;
	/** ms since boot. */
	now = 0;
	/** When the machine's alarm rings. */
	alarm = Number.POSITIVE_INFINITY;
	/** Events that the program got, the timers' included. */
	events = 0;
	/** What the program wrote while it recorded. */
	written: Uint8Array[] = [];
	/** What the program told. */
	told: string[] = [];
	/** Sockets that the program made. */
	sockets = 0;
	/** The last of them is open. */
	open = false;
	#arrived: Uint8Array = new Uint8Array(0);
	#at = 0;

	/** What the program keeps in flash. */
	readonly stored: Map<string, Uint8Array>;

	/** `seed`: of the program's Math.random; `stored`: what an earlier boot left in flash. */
	constructor(rom: Rom, heap: number, seed = 0, stored = new Map<string, Uint8Array>()) {
		this.stored = stored;
		this.machine = new Machine({
			rom,
			name: "inside",
			heap,
			stack: 896,
			seed,
			meter: 25_000_000,
			host: (operation, ...values) => this.#call(operation, values),
			trace: (text) => void process.stdout.write(text),
			onEnd: () => {},
		});
		this.machine.import("main");
		this.check();
	}

	/** @throws InsideError when the machine has ended */
	check(): void {
		const { ended } = this.machine;
		if (ended) throw new InsideError(ended);
	}

	/** An event for the program, and the timers that are due after it. */
	send(event: number, value?: string | number | boolean): void {
		this.events++;
		this.machine.dispatch(DRIVER_HANDLE, event, value);
		this.check();
		this.ring();
	}

	/** Bytes come in, all at once. */
	arrive(bytes: Uint8Array, event: number = Event.arrive): void {
		const rest = this.#arrived.subarray(this.#at);
		this.#arrived = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
		this.#at = 0;
		this.send(event, bytes.length);
	}

	/** Lets time pass: up to `milliseconds`, or until `over`. */
	pass(milliseconds: number, over: () => boolean = () => false): void {
		const end = this.now + milliseconds;
		while (this.alarm <= end && !over()) {
			this.now = Math.max(this.now, this.alarm);
			this.ring();
		}
		if (!over()) this.now = end;
	}

	/** Runs the timers that are due. */
	ring(): void {
		for (let count = 0; this.alarm <= this.now; count++) {
			if (count > 1000) throw new Error("timers run without end");
			this.alarm = Number.POSITIVE_INFINITY;
			this.events++;
			this.machine.dispatch(ALARM_HANDLE, 0);
			this.check();
		}
	}

	/** What is held after a collection. */
	collected(): Statistics {
		this.machine.collect();
		this.check();
		return this.machine.statistics();
	}

	/** Takes what was recorded. */
	take(): Buffer {
		return Buffer.concat(this.written.splice(0));
	}

	#call(operation: number, [value, more]: HostValue[]): HostValue {
		switch (operation) {
			case Operation.read: {
				const from = this.#at;
				this.#at = Math.min(from + (value as number), this.#arrived.length);
				return this.#arrived.subarray(from, this.#at);
			}
			case Operation.readByte:
				return this.#arrived[this.#at++];
			case Operation.written:
				this.written.push(new Uint8Array(value as ArrayBuffer));
				return undefined;
			case Operation.tell:
				this.told.push(value as string);
				return undefined;
			case Operation.store:
				if (more === undefined) this.stored.delete(value as string);
				else this.stored.set(value as string, new Uint8Array(more as ArrayBuffer));
				return undefined;
			case Operation.stored:
				return value === undefined ? JSON.stringify([...this.stored.keys()]) : this.stored.get(value as string);
			case Operation.opened:
				this.sockets++;
				this.open = true;
				return undefined;
			case Operation.closed:
				this.open = false;
				this.#arrived = new Uint8Array(0);
				this.#at = 0;
				return undefined;
			case SystemOperation.now:
				return this.now;
			case SystemOperation.alarm:
				this.alarm = value === undefined ? Number.POSITIVE_INFINITY : this.now + (value as number);
				return undefined;
			default:
				throw new Error(`no operation ${operation}`);
		}
	}
}
