import { readFileSync } from "node:fs";
import { join } from "node:path";
import { specifiers } from "../hosts/desktop/firmware/specifiers";
import type { NodeDescription } from "../modules/description/description";
import { type DriverDescription, driverTable } from "../modules/description/drivers";
import { panelData } from "./moddable/panel-data";
import { ModuleGraph } from "./module-graph";
import { root } from "./root";

/** All that is in it is generated. */
export const GENERATED = "hosts/generated";
/** The module that knows all own drivers; the Moddable build has one with those that node.ts names in its place. */
const OWN_DRIVERS = "modules/sensor/own-drivers";
/** In the manifest as `ssl/cert`: only what it needs is listed here. */
const CERTIFICATE_MANAGER = "hosts/moddable/tls/certificate-manager";
/** Asks the simulator's host; boards have a module of their own in its place. */
const WEBSOCKET_HOST = "hosts/shared/embedded/network/websocket/host";
const BOARD_HOST = "hosts/esp32";
const MQTT_CLIENT = "modules/mqtt/client";
const written = "Written by `npm run generate`";

interface NamedDriver extends DriverDescription {
	readonly name: string;
	/** What the class is called in generated code. */
	readonly identifier: string;
}

/** What Moddable's tools need to know of this project beside its own manifests: the files' texts, by path. */
export function moddableFiles(node: NodeDescription): Map<string, string> {
	return new Map([...firmwareFiles(node), ...simulatorFiles(), ...boardFiles(), ...panelFiles(node)]);
}

/**
 * The firmware: which modules it has, by their names, and which are preloaded (all but the one that boots). Of drivers only
 * those that node.ts names.
 */
function firmwareFiles(node: NodeDescription): Map<string, string> {
	const drivers = namedDrivers(node);
	const own = drivers.filter(({ source }) => source === "own");
	const hosts = drivers.filter(({ source }) => source === "host");
	const graph = new ModuleGraph({ [OWN_DRIVERS]: own.map(({ module }) => `modules/${module}`) });
	const modules = Object.fromEntries(graph.closure(["main", MQTT_CLIENT]).map((name) => [name, `../../${name}`]));
	modules[OWN_DRIVERS] = "./own-drivers";
	modules["hosts/shared/embedded/careful-sensor"] = "../shared/embedded/careful-sensor";
	modules["embedded:provider/sensors"] = "./sensors";
	modules["embedded:network/mqtt/client"] = "./mqtt-client";
	const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
	const manifest = {
		// JSON has no comments: a name that the tools ignore.
		"//": `${written} from main.ts and node.ts: the firmware's modules, and the drivers that node.ts names.`,
		include: hosts.map(({ module }) => `$(MODDABLE)/modules/drivers/sensors/${partOf(module!)}/manifest.json`),
		config: { version },
		modules,
		preload: Object.keys(modules).filter((name) => name !== "main"),
	};
	return new Map([
		[`${GENERATED}/manifest.json`, json(manifest)],
		[`${GENERATED}/own-drivers.ts`, ownDrivers(own)],
		[`${GENERATED}/sensors.ts`, sensors(hosts)],
		[`${GENERATED}/mqtt-client.ts`, shim(MQTT_CLIENT)],
	]);
}

/**
 * The host of lin and mac: its classes, each under the standard's name too, and preloaded; and the world that stands behind
 * them, which is not.
 */
function simulatorFiles(): Map<string, string> {
	const graph = new ModuleGraph();
	const classes = Object.entries(specifiers).filter(([, path]) => path.startsWith("hosts/shared/embedded/"));
	const modules: Record<string, string> = { "vagalume:host": "../moddable/host" };
	const files = new Map<string, string>();
	for (const [specifier, path] of classes) {
		// A file for each: mcconfig takes a file once, whatever names it is given.
		const file = specifier.replace(":", "/");
		modules[specifier] = `./${file}`;
		files.set(`${GENERATED}/${file}.ts`, shim(path));
	}
	const entries = ["hosts/moddable/stage", CERTIFICATE_MANAGER, ...classes.map(([, path]) => path)];
	const flash = graph.closure(entries).filter((name) => name !== CERTIFICATE_MANAGER);
	const world = graph.closure(["sim/moddable/setup"]).filter((name) => !flash.includes(name));
	const preload = [...Object.keys(modules), ...flash];
	for (const name of [...flash, ...world]) modules[name] = `../../${name}`;
	modules["setup/world"] = "./setup";
	files.set(
		`${GENERATED}/simulator.json`,
		json({ "//": `${written}: the host's modules on lin and mac.`, modules, preload }),
	);
	files.set(`${GENERATED}/setup.ts`, shim("sim/moddable/setup"));
	return files;
}

/** The host of boards, all of it preloaded. Its drivers and IO classes are the SDK's. */
function boardFiles(): Map<string, string> {
	const graph = new ModuleGraph({ [WEBSOCKET_HOST]: [`${BOARD_HOST}/network/websocket-host`] });
	const names = graph.closure([`${BOARD_HOST}/provider`, CERTIFICATE_MANAGER]);
	const modules: Record<string, string> = { "embedded:provider/builtin": "./board" };
	for (const name of names)
		if (name !== CERTIFICATE_MANAGER && name !== `${BOARD_HOST}/network/websocket-host`)
			modules[name] = `../../${name === WEBSOCKET_HOST ? `${BOARD_HOST}/network/websocket-host` : name}`;
	const manifest = { "//": `${written}: the host's modules on ESP32.`, modules, preload: Object.keys(modules) };
	return new Map([
		[`${GENERATED}/esp32.json`, json(manifest)],
		[`${GENERATED}/board.ts`, shim(`${BOARD_HOST}/provider`)],
	]);
}

/** The panel for the SDK's simulator, with what node.ts has on it. */
function panelFiles(node: NodeDescription): Map<string, string> {
	const text = `// ${written} from node.ts: the panel for the SDK's simulator.
import { makePanel } from "hosts/moddable/panel/panel";

export default makePanel(${JSON.stringify(panelData(node), null, "\t")});
`;
	return new Map([[`${GENERATED}/panel.ts`, text]]);
}

/** The drivers that node.ts names, each once, sorted. */
function namedDrivers(node: NodeDescription): NamedDriver[] {
	const names = [...new Set(Object.values(node.sensors).map(({ driver }) => driver as string))].sort();
	return names.map((name) => {
		const identifier = name.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase());
		return { ...driverTable[name]!, name, identifier };
	});
}

/** Takes the place of modules/sensor/own-drivers.ts, whose name in XS is as deep as this file's path: relative imports fit both. */
function ownDrivers(own: readonly NamedDriver[]): string {
	const imports = own.map(({ identifier, module }) => `import ${identifier} from "../../modules/${module}";\n`).sort();
	const members = own.map(({ name, identifier }) => (name === identifier ? name : `"${name}": ${identifier}`));
	return `// ${written} from node.ts: stands for ${OWN_DRIVERS} in the Moddable build.
${imports.join("")}
export const ownDrivers: Readonly<Record<string, unknown>> = Object.freeze({${list(members)}});
`;
}

function sensors(hosts: readonly NamedDriver[]): string {
	const imports = hosts.map(({ name, module }) => `import ${name} from "${module}";\n`).sort();
	// An import that nothing uses fails `npm run check`.
	if (hosts.length > 0) imports.push('import { careful } from "hosts/shared/embedded/careful-sensor";\n');
	return `// ${written} from node.ts: \`device.sensor\` of the Moddable build, with the SDK's drivers.
import type { SensorConstructor } from "embedded:sensor/_common";
${imports.join("")}
const sensors: Readonly<Record<string, SensorConstructor>> = Object.freeze({${list(hosts.map(({ name }) => `${name}: careful(${name}, "${name}")`))}});
export default sensors;
`;
}

/** A module under another name. It is one of its own: under that name the relative imports of the other would fail. */
function shim(path: string): string {
	return `// ${written}.\nexport { default } from "${path}";\n`;
}

function list(members: readonly string[]): string {
	return members.length === 0 ? "" : ` ${members.join(", ")} `;
}

function partOf(module: string): string {
	return module.slice(module.lastIndexOf("/") + 1).toLowerCase();
}

function json(value: object): string {
	return `${JSON.stringify(value, null, "\t")}\n`;
}
