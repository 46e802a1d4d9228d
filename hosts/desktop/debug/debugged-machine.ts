import { MessageChannel, Worker } from "node:worker_threads";
import type { HostValue } from "../../shared/host-value";
import {
	type DebuggerAddress,
	interruptDebugger,
	type MachineEnd,
	type MachineOptions,
	type Statistics,
} from "../engine";
import type { Answer, Dates, Order, Report, WorkerSetup } from "./messages";

export interface DebuggedMachineOptions extends Omit<MachineOptions, "rom" | "debugger"> {
	/** The project's folder: the firmware is compiled anew, so that xsbug sees whole paths. */
	readonly root: string;
	/** The firmware that an update brought; undefined: that of `root`. */
	readonly image?: Uint8Array | undefined;
	/** The file that boots the firmware, as for `buildRom`. */
	readonly main?: string | undefined;
	/** Specifiers of preloaded modules, as for `Rom`; what `main` imports when omitted. */
	readonly preload?: readonly string[] | undefined;
	/** Where xsbug listens. */
	readonly debugger: DebuggerAddress;
	/** About the debugger: that it is not there, or has gone. */
	onNotice(line: string): void;
}

/** Of this process: each machine that is debugged has one. */
let machines = 0;

/**
 * A machine in a thread of its own, connected to xsbug. While it stands at a breakpoint this thread lives on: events wait
 * for it, and the world around it ages. Its calls are answered here, so that services need not know.
 */
export class DebuggedMachine {
	time: number | undefined;
	dateOffset = 0;
	readonly #id = ++machines;
	readonly #options: DebuggedMachineOptions;
	readonly #worker: Worker;
	readonly #answers = new MessageChannel();
	readonly #answered = new Int32Array(new SharedArrayBuffer(4));
	#statistics: Statistics | undefined;
	#debugged = true;
	#calling = false;
	#closing = false;
	#ended = false;

	constructor(options: DebuggedMachineOptions) {
		this.#options = options;
		const { root, image, main, preload, name, heap, stack = 512, meter = 0, seed = 0 } = options;
		const { host, port } = options.debugger;
		const setup: WorkerSetup = {
			root,
			image,
			main,
			preload,
			name,
			heap,
			stack,
			meter,
			seed,
			debugger: { host, port, id: this.#id },
			answers: this.#answers.port2,
			answered: this.#answered,
		};
		this.#worker = new Worker(new URL("worker.js", import.meta.url), {
			workerData: setup,
			transferList: [this.#answers.port2],
		});
		this.#worker.on("message", (report: Report) => this.#take(report));
		this.#worker.on("error", (error: Error & { trace?: string }) =>
			this.#finish({ reason: "internal", message: error.message, stack: error.trace ?? "" }),
		);
		// A thread that stands would hold up the end of the process for ever.
		if (this.#id === 1) process.on("exit", () => interruptDebugger(0));
	}

	/** True while xsbug is connected, as far as is known here. */
	get debugged(): boolean {
		return this.#debugged && !this.#ended;
	}

	/** Queued, as `dispatch` is. */
	import(specifier: string): void {
		this.#send({ type: "import", specifier, dates: this.#dates });
	}

	/** Queued: the machine takes it when it has done what it does, or stands at. */
	dispatch(handle: number, event: number, a?: HostValue, b?: HostValue, c?: HostValue): void {
		this.#send({ type: "dispatch", handle, event, values: [a, b, c], dates: this.#dates });
	}

	/** As they were after the last event; undefined before the first. */
	statistics(): Statistics | undefined {
		return this.#statistics;
	}

	/** Ends the machine with the reason "closed", even where it stands; from inside a call, once that is answered. */
	close(): void {
		if (this.#calling) this.#closing = true;
		else this.#finish({ reason: "closed", message: "closed", stack: "" });
	}

	get #dates(): Dates {
		return { time: this.time, dateOffset: this.dateOffset };
	}

	#send(order: Order): void {
		if (!this.#ended) this.#worker.postMessage(order);
	}

	#take(report: Report): void {
		if (this.#ended) return;
		const { onNotice, name, trace, debugger: at } = this.#options;
		switch (report.type) {
			case "made":
				if (!report.debugged) onNotice(`${name}: no xsbug at ${at.host}:${at.port}: it runs without one`);
				this.#debugged = report.debugged;
				break;
			case "call":
				this.#call(report.operation, report.values);
				break;
			case "trace":
				trace.call(this.#options, report.text);
				break;
			case "done":
				if (this.#debugged && !report.debugged) onNotice(`${name}: xsbug has gone: it runs on without one`);
				this.#debugged = report.debugged;
				this.#statistics = report.statistics;
				break;
			case "end":
				if (report.end.reason === "closed") onNotice(`${name}: xsbug ended it`);
				this.#finish(report.end);
		}
	}

	#call(operation: number, values: readonly HostValue[]): void {
		let answer: Answer;
		this.#calling = true;
		try {
			const value = this.#options.host(operation, ...values);
			answer = { value, dates: this.#dates };
		} catch (error) {
			const { name, message, code } = error as NodeJS.ErrnoException;
			answer = { error: { name, message, code }, dates: this.#dates };
		}
		this.#calling = false;
		if (this.#closing) {
			this.close();
			return;
		}
		this.#answers.port1.postMessage(answer);
		Atomics.store(this.#answered, 0, 1);
		Atomics.notify(this.#answered, 0);
	}

	#finish(end: MachineEnd): void {
		if (this.#ended) return;
		this.#ended = true;
		interruptDebugger(this.#id);
		void this.#worker.terminate();
		this.#answers.port1.close();
		this.#options.onEnd(withoutRoot(end, this.#options.root));
	}
}

/** Paths as they are without a debugger: below the project's folder. */
function withoutRoot(end: MachineEnd, root: string): MachineEnd {
	const shorten = (text: string) => text.replaceAll(`${root}/`, "");
	return { ...end, message: shorten(end.message), stack: shorten(end.stack) };
}
