import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, test } from "node:test";
import type { NodeDescription } from "../../modules/description/description";
import { loadNode } from "../../tools/load-node";
import { moddableFiles } from "../../tools/moddable-manifest";
import { ModuleGraph } from "../../tools/module-graph";
import { root } from "../../tools/root";

interface Manifest {
	include?: string[];
	modules: Record<string, string>;
	preload: string[];
}

async function node(sensors: object): Promise<NodeDescription> {
	const { node } = await loadNode();
	return { ...node, sensors } as NodeDescription;
}

const manifestOf = (description: NodeDescription, name = "manifest.json") =>
	JSON.parse(moddableFiles(description).get(`hosts/generated/${name}`)!) as Manifest;

describe("the Moddable build of a node", () => {
	test("has the drivers that node.ts names, and only these", async () => {
		const files = moddableFiles(
			await node({
				one: { driver: "BMP280", channels: {} },
				two: { driver: "BMP280", address: 0x77, channels: {} },
				three: { driver: "DHT22", pin: 4, channels: {} },
				four: { driver: "heap", channels: {} },
			}),
		);
		const { include, modules } = JSON.parse(files.get("hosts/generated/manifest.json")!) as Manifest;
		assert.deepEqual(include, ["$(MODDABLE)/modules/drivers/sensors/bmp280/manifest.json"]);
		const drivers = Object.keys(modules).filter((name) => name.startsWith("modules/driver/"));
		assert.deepEqual(drivers, ["modules/driver/dht22/dht22", "modules/driver/push-button/push-button"]);
		assert.match(files.get("hosts/generated/own-drivers.ts")!, /Object\.freeze\(\{ DHT22 \}\)/);
		assert.match(files.get("hosts/generated/sensors.ts")!, /\{ BMP280: careful\(BMP280, "BMP280"\) \}/);
	});

	test("has none when node.ts names none, and then imports nothing that it does not use", async () => {
		const description = await node({});
		const { include, modules } = manifestOf(description);
		assert.doesNotMatch(moddableFiles(description).get("hosts/generated/sensors.ts")!, /careful/);
		assert.deepEqual(include, []);
		assert.ok(!Object.keys(modules).some((name) => /driver\/(?!push-button)/.test(name)));
	});

	test("preloads all of the firmware but what boots it", async () => {
		const { modules, preload } = manifestOf(await node({}));
		assert.deepEqual(
			Object.keys(modules).filter((name) => !preload.includes(name)),
			["main"],
		);
	});
});

describe("the modules of a build", () => {
	test("are files that are there, and all that they import is in the build too", async () => {
		const { node } = await loadNode();
		const names: Record<string, string> = {};
		for (const file of ["manifest.json", "simulator.json"])
			for (const [name, path] of Object.entries(manifestOf(node, file).modules))
				names[name] = posix.join("hosts/generated", path);
		const graph = new ModuleGraph();
		for (const [name, path] of Object.entries(names)) {
			assert.ok(existsSync(join(root, `${path}.ts`)), path);
			for (const imported of graph.imports(path)) {
				// As XS finds it: by the name of the module that imports it, not by its file.
				const text = readFileSync(join(root, `${path}.ts`), "utf8");
				const relative = posix.relative(posix.dirname(path), imported);
				const specifier = text.includes(`"${imported}"`)
					? imported
					: relative.startsWith(".")
						? relative
						: `./${relative}`;
				const wanted = specifier.startsWith(".") ? posix.join(posix.dirname(name), specifier) : specifier;
				assert.ok(names[wanted], `${name} imports ${specifier}: no module ${wanted}`);
			}
		}
	});

	test("a missing import is named", () => {
		const graph = new ModuleGraph({ main: ["modules/nowhere"] });
		assert.throws(() => graph.closure(["main"]), /modules\/nowhere/);
	});
});
