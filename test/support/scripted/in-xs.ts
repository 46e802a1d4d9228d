/** Sessions and clients under test inside XS: one machine for each, its network and time those of the script. */
import { join } from "node:path";
import { Machine, Rom } from "../../../hosts/desktop/engine/index";
import { FirmwareLoader } from "../../../hosts/desktop/firmware/loader";
import { ALARM_HANDLE, SystemOperation } from "../../../hosts/shared/operations/system";
import { root } from "../../../tools/root";
import { Bridge, BridgeEvent, DRIVER_HANDLE } from "../../inside/operations";
import { clock, type Entry } from "../clock";
import { FakeResolver, FakeTCP } from "../fake-tcp";
import type { MakePlace } from "./subject";

/** Bytes: scripts queue more than a board would. */
const HEAP = 1 << 20;
const STACK = 896;
/** Compute units that one event may take. */
const METER = 250_000_000;

let rom: Rom | undefined;

/** The session and what it imports lies in the ROM, as on a board; the driver does not. */
function romOf(): Rom {
	const loader = new FirmwareLoader(root, { main: "test/inside/conformance", timer: "test/inside/counted-timer" });
	const file = (path: string) => join(root, `${path}.ts`);
	const made = new Rom({
		loader,
		preload: [
			"time",
			file("hosts/shared/embedded/timer"),
			file("hosts/shared/embedded/dispatch"),
			file("modules/mqtt/session"),
		],
		modules: [
			file("test/inside/counted-timer"),
			file("test/inside/operations"),
			file("test/support/scripted/driver"),
			"main",
		],
	});
	loader.save();
	return made;
}

export const inXS: MakePlace = (emit) => {
	rom ??= romOf();
	const sockets = new Map<number, FakeTCP>();
	let handles = 0;
	let alarm: Entry | undefined;
	let result = "";
	const dispatch = (handle: number, event: number, a?: string | number, b?: string | number) => {
		if (!machine.ended) machine.dispatch(handle, event, a, b);
		const { ended } = machine;
		if (ended) throw new Error(`inside XS: ${ended.reason}: ${ended.message}\n${ended.stack}`);
	};
	const tell = (event: number, a?: string | number, b?: string | number) => dispatch(DRIVER_HANDLE, event, a, b);
	const ring = (delay: number | undefined) => {
		clock.remove(alarm);
		alarm = delay === undefined ? undefined : clock.add(() => dispatch(ALARM_HANDLE, 0), delay, undefined);
	};
	const connect = (options: { address: string; host?: string; port: number }): number => {
		const handle = ++handles;
		const socket = new FakeTCP({
			...options,
			onReadable: (count) => tell(BridgeEvent.readable, handle, count),
			onWritable: (count) => tell(BridgeEvent.writable, handle, count),
			onError: (error) => tell(BridgeEvent.failed, handle, error?.message),
		});
		sockets.set(handle, socket);
		return handle;
	};
	const resolve = (host: string): number => {
		const handle = ++handles;
		new FakeResolver().resolve({
			host,
			onResolved: (_host, address) => tell(BridgeEvent.resolved, handle, address),
			onError: (error) => tell(BridgeEvent.unresolved, handle, error.message),
		});
		return handle;
	};
	const machine: Machine = new Machine({
		rom,
		name: "conformance",
		heap: HEAP,
		stack: STACK,
		meter: METER,
		trace: (text) => void process.stdout.write(text),
		onEnd: () => {},
		host(operation, a, b) {
			switch (operation) {
				case SystemOperation.now:
					return clock.now;
				case SystemOperation.alarm:
					ring(a as number | undefined);
					return undefined;
				case Bridge.connect:
					return connect(JSON.parse(a as string));
				case Bridge.resolve:
					return resolve(a as string);
				case Bridge.read:
					return sockets.get(a as number)!.read(b as number | undefined) as ArrayBuffer | undefined;
				case Bridge.write:
					return sockets.get(a as number)!.write(b as ArrayBuffer);
				case Bridge.close:
					sockets.get(a as number)!.close();
					return undefined;
				case Bridge.emit:
					emit(a as string);
					return undefined;
				case Bridge.result:
					result = a as string;
					return undefined;
				default:
					throw new Error(`no operation ${operation}`);
			}
		},
	});
	machine.import("main");
	if (machine.ended) throw new Error(`inside XS: ${machine.ended.message}\n${machine.ended.stack}`);
	const ask = (event: number, a?: string): string => {
		tell(event, a);
		return result;
	};
	return {
		run: (command) => ask(BridgeEvent.command, command),
		timers: () => Number(ask(BridgeEvent.timers)),
		close() {
			ring(undefined);
			machine.close();
		},
	};
};
