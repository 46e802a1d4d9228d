import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { RealClock } from "../../hosts/desktop/clock";
import { DEFAULT_BASE } from "../../modules/description/topics";
import { imageFile } from "../../modules/update/image-file";
import type { Release } from "../../modules/update/release";
import { readText } from "../../sim/release-keys";
import { UsageError } from "../../sim/usage";
import { loadNode } from "../load-node";
import { root } from "../root";
import { type Connection, Fleet, type Outcome, rollOut, type Shipment } from "./fleet";
import { ImageServer } from "./image-server";
import { type OtaOptions, parseOtaOptions, usage } from "./options";
import { OtaScreen, statusTable } from "./screen";

/** What the broker retains about nodes is here by then (ms). */
const GATHER = 1500;
const CONNECT = 15_000;
const HISTORY = process.env["VAGALUME_OTA_HISTORY"] ?? join(root, ".vagalume", "ota-history.jsonl");

/** `vagalume ota`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) {
		process.stdout.write(usage);
		return 0;
	}
	let options: OtaOptions;
	try {
		options = parseOtaOptions(args);
		if (options.action === "history") return history();
		const files = new Map<string, Uint8Array>();
		const shipment = options.folder === undefined ? undefined : load(options.folder, files);
		const client = await connect(options);
		let server: ImageServer | undefined;
		try {
			if (options.serve) server = await ImageServer.start(files, options.serve);
			const url = server?.url ?? options.url;
			if (server) process.stdout.write(`images are at ${url}\n`);
			return await act(options, client, shipment && { ...shipment, ...(url !== undefined && { url }) });
		} finally {
			server?.close();
			await client.endAsync();
		}
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		process.stderr.write(`vagalume ota: ${error.message}\n('vagalume ota --help' lists the options)\n`);
		return 2;
	}
}

async function act(options: OtaOptions, client: MqttClient, shipment: Shipment | undefined): Promise<number> {
	const base = options.base ?? (await loadNode()).node.base ?? DEFAULT_BASE;
	const named = options.nodes;
	if (!base.includes("{id}") && named.length !== 1)
		throw new UsageError(`base "${base}" is that of one node: name it (--node ID), or give the nodes' base (--base)`);
	const fleet = new Fleet(over(client), new RealClock(), base);
	if (named.length > 0) for (const id of named) fleet.watch(id);
	else watchAll(fleet);
	await new Promise((resolve) => setTimeout(resolve, GATHER));
	if (options.action === "abort") {
		for (const id of named) fleet.abort(id);
		return 0;
	}
	if (options.action === "status") {
		for (const line of statusTable(fleet.nodes)) process.stdout.write(`${line}\n`);
		return 0;
	}
	const ids = named.length > 0 ? named : fleet.nodes.filter(({ state }) => state !== undefined).map(({ id }) => id);
	if (ids.length === 0) {
		process.stderr.write("vagalume ota: no node that takes updates is known to this broker\n");
		return 1;
	}
	return push(fleet, ids, shipment!, options);
}

/** Throws UsageError. */
function watchAll(fleet: Fleet): void {
	try {
		fleet.watchAll();
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

async function push(fleet: Fleet, ids: readonly string[], shipment: Shipment, options: OtaOptions): Promise<number> {
	const screen = new OtaScreen();
	fleet.onChange = (node) => screen.changed(node);
	const pushOne = async (id: string) => {
		const outcome = await fleet.push(id, shipment);
		screen.done(outcome);
		return outcome;
	};
	const stages = options.group ? options.stages : ([{ percent: 100 }] as const);
	const { outcomes, untouched } = await rollOut(ids, pushOne, stages, (number, part) => {
		if (options.group) screen.say(`stage ${number}: ${part.length} of ${ids.length} nodes get ${shipment.version}`);
		screen.begin(part);
	});
	remember(shipment.version, outcomes, untouched);
	const failed = outcomes.filter(({ ok }) => !ok).length;
	screen.say(
		`${outcomes.length - failed} of ${ids.length} run ${shipment.version}, ${failed} failed, ${untouched.length} were not told`,
	);
	return failed === 0 && untouched.length === 0 ? 0 : 1;
}

/** Reads what `vagalume release` wrote; the images go into `files`, too, by their names. Throws UsageError. */
function load(folder: string, files: Map<string, Uint8Array>): Shipment {
	const text = readText(join(folder, "release.jws")).trim();
	let release: Release;
	try {
		release = JSON.parse(Buffer.from(text.split(".")[1] ?? "", "base64url").toString()) as Release;
	} catch {
		throw new UsageError(`${join(folder, "release.jws")} is no signed release`);
	}
	const images = new Map<string, Uint8Array>();
	for (const [board, { sha256, size }] of Object.entries(release.images)) {
		const file = join(folder, imageFile(board));
		const bytes = existsSync(file) ? readFileSync(file) : undefined;
		if (bytes?.length !== size)
			throw new UsageError(`${file}: missing, or not the image of ${size} bytes that was signed`);
		images.set(sha256, bytes);
		files.set(imageFile(board), bytes);
	}
	return { version: release.version, text, images };
}

/** Throws UsageError when the broker does not let us in. */
async function connect({ broker, user, password, ca, certificate, key }: OtaOptions): Promise<MqttClient> {
	const client = mqtt.connect(broker!, {
		...(user !== undefined && { username: user }),
		...(password !== undefined && { password }),
		...(ca !== undefined && { ca }),
		...(certificate !== undefined && { cert: certificate }),
		...(key !== undefined && { key }),
		connectTimeout: CONNECT,
	});
	return new Promise((resolve, reject) => {
		const fail = (why: string) => {
			client.end(true);
			reject(new UsageError(`--broker ${broker}: ${why}`));
		};
		const timer = setTimeout(() => fail("no answer"), CONNECT);
		client.once("connect", () => {
			clearTimeout(timer);
			client.removeAllListeners("error");
			// Later losses heal by themselves.
			client.on("error", () => {});
			resolve(client);
		});
		client.once("error", (error) => {
			clearTimeout(timer);
			fail(error.message || String((error as { code?: unknown }).code));
		});
	});
}

function over(client: MqttClient): Connection {
	const handlers: { filter: string[]; handler: (topic: string, payload: string, retain: boolean) => void }[] = [];
	client.on("message", (topic, payload, { retain }) => {
		const levels = topic.split("/");
		for (const { filter, handler } of handlers)
			if (filter.length === levels.length && filter.every((level, index) => level === "+" || level === levels[index]))
				handler(topic, payload.toString(), retain);
	});
	return {
		publish: (topic, payload) => void client.publish(topic, payload as Buffer, { qos: 1 }),
		subscribe(filter, handler) {
			handlers.push({ filter: filter.split("/"), handler });
			client.subscribe(filter, { qos: 1 });
		},
	};
}

function remember(version: string, outcomes: readonly Outcome[], untouched: readonly string[]): void {
	mkdirSync(dirname(HISTORY), { recursive: true });
	appendFileSync(HISTORY, `${JSON.stringify({ date: new Date().toISOString(), version, outcomes, untouched })}\n`);
}

function history(): number {
	const lines = existsSync(HISTORY) ? readFileSync(HISTORY, "utf8").trimEnd().split("\n") : [];
	for (const line of lines) {
		const { date, version, outcomes, untouched } = JSON.parse(line) as {
			date: string;
			version: string;
			outcomes: Outcome[];
			untouched: string[];
		};
		process.stdout.write(`${date}  ${version}\n`);
		for (const { id, ok, message } of outcomes)
			process.stdout.write(`  ${ok ? "ok    " : "FAILED"} ${id}: ${message}\n`);
		if (untouched.length > 0) process.stdout.write(`  not told: ${untouched.join(", ")}\n`);
	}
	if (lines.length === 0) process.stdout.write("nothing was pushed from here\n");
	return 0;
}
