/** XS inside Node.js: see README.md of this folder. */
export {
	type DebuggerAddress,
	interruptDebugger,
	Machine,
	type MachineEnd,
	type MachineOptions,
	type Statistics,
} from "./machine";
export type { HostValue } from "./native";
export { type Loader, type ModuleSource, Rom, RomError, type RomOptions } from "./rom";
