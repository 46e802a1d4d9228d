/** The addon that install.js builds: its functions, untyped beyond this file. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** What the host may give to XS, and get from it; XS never gives a Uint8Array, its bytes come as an ArrayBuffer. */
export type HostValue = undefined | null | boolean | number | string | ArrayBuffer | Uint8Array;

/** An opaque reference into the addon. */
export type Handle = { readonly __handle: unique symbol };

export interface Ending {
	reason: number;
	message: string;
	stack: string;
}

type Host = (operation: number, ...values: HostValue[]) => HostValue;
type Trace = (text: string) => void;

export interface Native {
	romCreate(
		resolve: (specifier: string, referrer: string | undefined) => string | undefined,
		load: (id: string) => object,
	): Handle;
	romPreload(rom: Handle, specifier: string, trace: Trace): Ending | undefined;
	romLink(rom: Handle, specifier: string, trace: Trace): Ending | undefined;
	romShare(rom: Handle, protect: boolean): number;
	/** Undefined in an addon that was built before this function was there. */
	romCode?(rom: Handle): { path: string; bytes: number; lines: number }[];
	machineCreate(
		rom: Handle,
		name: string,
		heap: number,
		stack: number,
		meter: number,
		seed: number,
		debuggerHost?: string,
		debuggerPort?: string,
		debuggerId?: number,
	): Handle | undefined;
	machineImport(machine: Handle, host: Host, trace: Trace, specifier: string): Ending | undefined;
	machineDispatch(
		machine: Handle,
		host: Host,
		trace: Trace,
		handle: number,
		event: number,
		a: HostValue,
		b: HostValue,
		c: HostValue,
	): Ending | undefined;
	machineClose(machine: Handle): Ending | undefined;
	machineSetClock(machine: Handle, time: number, dateOffset: number, zone: number): void;
	machineZone(machine: Handle): number;
	machineStatistics(machine: Handle, figures: Float64Array): void;
	machineCollect(machine: Handle): Ending | undefined;
	/** Whether it is connected to a debugger. */
	machineDebugged(machine: Handle): boolean;
	/** Hears what its debugger has said since it ran last. */
	machineListen(machine: Handle): Ending | undefined;
	/** From any thread: ends the machine made with this `debuggerId` where it stands; 0: all that have one. */
	debuggerInterrupt(debuggerId: number): void;
}

/** Which XS runs: that of the npm package (13.3), or with VAGALUME_ENGINE=sdk that of the Moddable SDK (17). */
export const engine = chosenEngine();
/** The addon that install.js built for it. */
export const path = fileURLToPath(
	new URL(`../../../build/${engine === "sdk" ? "engine-sdk" : "engine"}.node`, import.meta.url),
);

function chosenEngine(): "npm" | "sdk" {
	const { VAGALUME_ENGINE: name = "" } = process.env;
	if (name === "sdk") return name;
	if (name === "" || name === "npm") return "npm";
	throw new Error(`VAGALUME_ENGINE is "${name}": expected npm (XS 13.3) or sdk (the XS of the Moddable SDK)`);
}

function load(): Native {
	if (!existsSync(path)) {
		const message = `${path} is missing: build it with "node hosts/desktop/install.js${engine === "sdk" ? ' --engine sdk" (MODDABLE names the SDK)' : '" (npm ci does)'}`;
		throw Object.assign(new Error(message), { code: "ERR_ENGINE_MISSING" });
	}
	return createRequire(import.meta.url)(path) as Native;
}

export const native = load();
