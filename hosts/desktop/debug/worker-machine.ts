import { join } from "node:path";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { HostValue } from "../../shared/host-value";
import { type Loader, Machine, Rom } from "../engine";
import { ArchiveLoader } from "../firmware/archive";
import { FirmwareLoader } from "../firmware/loader";
import type { Answer, Dates, Order, Report, WorkerSetup } from "./messages";

/** How often xsbug is heard while nothing runs (ms). */
const LISTEN = 100;

const port = parentPort!;
const setup = workerData as WorkerSetup;
const report = (message: Report) => port.postMessage(message);

/** As a build for a board does it: xsbug finds a file by its whole path. */
function buildRom(): Rom {
	const { root, image, main, preload } = setup;
	const sources = new FirmwareLoader(root, main === undefined ? {} : { main });
	const firmware = image ? new ArchiveLoader(image, root, sources) : sources;
	const loader: Loader = {
		resolve: (specifier, referrer) => firmware.resolve(specifier, referrer),
		load(id) {
			const module = firmware.load(id);
			return { ...module, path: join(root, module.path) };
		},
	};
	const imports = () => firmware.imports(firmware.resolve("main", undefined)!);
	return new Rom({ loader, preload: preload ?? imports(), modules: ["main"] });
}

/** Runs one machine for the main thread: its orders come by message, one after the other; its calls wait for an answer. */
export function serve(): void {
	const { answers, answered, name, heap, stack, meter, seed } = setup;
	const rom = buildRom();
	let machine: Machine;

	function setDates({ time, dateOffset }: Dates): void {
		machine.time = time;
		machine.dateOffset = dateOffset;
	}

	/** Blocks this thread: calls of the firmware are synchronous. */
	function host(operation: number, ...values: HostValue[]): HostValue {
		Atomics.store(answered, 0, 0);
		report({ type: "call", operation, values });
		// The bell of the call before may ring only now: what counts is whether an answer is there.
		while (Atomics.load(answered, 0) === 0) Atomics.wait(answered, 0, 0);
		const answer = receiveMessageOnPort(answers)!.message as Answer;
		setDates(answer.dates);
		if ("value" in answer) return answer.value;
		const { name, message, code } = answer.error;
		throw Object.assign(new Error(message), { name }, code === undefined ? {} : { code });
	}

	function done(): void {
		if (!machine.ended) report({ type: "done", debugged: machine.debugged, statistics: machine.statistics() });
	}

	machine = new Machine({
		rom,
		name,
		heap,
		stack,
		meter,
		seed,
		debugger: setup.debugger,
		host,
		trace: (text) => report({ type: "trace", text }),
		onEnd: (end) => report({ type: "end", end }),
	});
	report({ type: "made", debugged: machine.debugged });
	port.on("message", (order: Order) => {
		if (machine.ended) return;
		setDates(order.dates);
		if (order.type === "import") machine.import(order.specifier);
		else machine.dispatch(order.handle, order.event, ...(order.values as [HostValue, HostValue, HostValue]));
		done();
	});
	const listening = setInterval(() => {
		if (machine.debugged) machine.listen();
		if (machine.debugged) return;
		clearInterval(listening);
		done();
	}, LISTEN);
}
