/**
 * What MQTT costs: `npm run bench -- mqtt`, or only a part: `npm run bench -- mqtt inside`, `... broker`. With a checkout of the Moddable SDK in the environment variable MODDABLE, the
 * SDK's own client is measured beside ours, and a session on it, by StandardClient.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Rom } from "../../hosts/desktop/engine/index";
import type { TrafficSettings } from "../inside/mqtt-traffic";
import type { TrafficResult } from "../inside/traffic";
import { InsideError, insideRom } from "../support/inside";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { type Cost, messageCost, messageRate, type Traffic } from "../support/mqtt-costs";
import { goals, hundredGoal, sessionGoal, topics } from "../support/mqtt-goals";
import { InsideLoop, type Loop, mqttJsLoop, rawLoop } from "../support/mqtt-loops";
import { holdings } from "../support/mqtt-memory";
import { textTable, thousands } from "../support/table";

/** `undefined` when the program cannot do it. */
function costOf(rom: Rom | undefined, traffic: Traffic): Cost | undefined {
	if (!rom) return undefined;
	try {
		return messageCost(rom, traffic);
	} catch (error) {
		if (error instanceof InsideError) return undefined;
		throw error;
	}
}

function moddableRom(): Rom | undefined {
	const folder = process.env["MODDABLE"];
	if (!folder) return undefined;
	const file = join(folder, "examples/io/tcp/mqttclient/mqttclient");
	if (existsSync(`${file}.js`)) return insideRom("mqtt-costs", { "embedded:network/mqtt/client": file });
	process.stderr.write(`bench: MODDABLE: ${file}.js is missing\n`);
	return undefined;
}

function costRow(rom: Rom, moddable: Rom | undefined, traffic: Traffic): string[] {
	const { layer, direction, QoS, size, version } = traffic;
	const ours = costOf(rom, traffic);
	const goal = goals.find(
		(one) => one.layer === layer && one.direction === direction && one.QoS === QoS && one.size === size && !version,
	);
	const row = [
		`${layer} ${direction} QoS ${QoS}, ${thousands(size)} B${version === 5 ? ", MQTT 5" : ""}`,
		ours ? thousands(ours.units) : "-",
		goal ? `<= ${goal.units}${verdict(ours?.units, goal.units)}` : "",
		ours ? thousands(ours.slots) : "-",
		goal ? `<= ${goal.slots}${verdict(ours?.slots, goal.slots)}` : "",
		ours ? thousands(ours.chunks) : "-",
		ours ? thousands(ours.bytes) : "-",
		ours ? thousands(messageRate(rom, traffic)) : "-",
	];
	if (!moddable) return row;
	const theirs = version ? undefined : costOf(moddable, traffic);
	return [...row, theirs ? thousands(theirs.units) : "", theirs ? thousands(theirs.slots) : ""];
}

function costRows(rom: Rom, moddable: Rom | undefined): string[][] {
	const rows: string[][] = [];
	for (const layer of ["client", "session"] as const) {
		for (const direction of ["publish", "receive"] as const) {
			for (const QoS of [0, 1, 2] as const) {
				const traffic = { layer, direction, QoS, topic: topics[direction] };
				for (const size of [2, 20, 200, 2000]) rows.push(costRow(rom, moddable, { ...traffic, size }));
				rows.push(costRow(rom, moddable, { ...traffic, size: 20, version: 5 }));
			}
		}
	}
	return rows;
}

function verdict(value: number | undefined, goal: number): string {
	return value !== undefined && value <= goal ? " ok" : " NO";
}

function inside(): void {
	const rom = insideRom("mqtt-costs");
	const moddable = moddableRom();
	console.log(
		"A message inside XS 13.3, from the first call to the last acknowledgement (a socket that swallows everything):\n",
	);
	const head = ["message", "units", "goal", "slots", "goal", "chunk bytes", "peak bytes", "messages/s"];
	if (moddable) head.push("Moddable: units", "slots");
	console.log(textTable(head, costRows(rom, moddable)));
	console.log(
		"\nWhat the heap holds, in bytes as on the board (16 a slot, and the chunks), on a heap of 65,536 bytes:\n",
	);
	const held = holdings(rom);
	const modern = holdings(rom, 5);
	const rows = [
		["client, connected", thousands(held.client), "", ""],
		[
			"session, connected, two filters, idle",
			thousands(held.session),
			`<= ${thousands(sessionGoal)}${verdict(held.session, sessionGoal)}`,
			thousands(held.sessionPeak),
		],
		[
			"100 messages of 20 B in flight, beside it",
			thousands(held.hundredInFlight),
			`<= ${thousands(hundredGoal)}${verdict(held.hundredInFlight, hundredGoal)}`,
			thousands(held.hundredInFlightPeak),
		],
		["session, MQTT 5", thousands(modern.session), "", thousands(modern.sessionPeak)],
	];
	if (moddable) {
		const { client, session, sessionPeak } = holdings(moddable);
		rows.push(["Moddable's client, connected", thousands(client), "", ""]);
		rows.push(["session on it, two filters, idle", thousands(session), "", thousands(sessionPeak)]);
	}
	console.log(textTable(["what", "bytes", "goal", "peak bytes"], rows));
}

/** Rounds of which the best counts: the others shared the computer with something. */
const rounds = 3;

/** The best of some rounds, in which the clients take turns; `undefined` for one that cannot do it. */
async function best(loops: readonly Loop[], settings: TrafficSettings): Promise<(TrafficResult | undefined)[]> {
	const results: (TrafficResult[] | undefined)[] = loops.map(() => []);
	for (let round = 0; round < rounds; round++) {
		for (const [index, loop] of loops.entries()) {
			if (!results[index]) continue;
			try {
				results[index].push(await loop(settings));
			} catch (error) {
				process.stderr.write(`bench: QoS ${settings.QoS}: ${(error as Error).message.split("\n")[0]}\n`);
				results[index] = undefined;
			}
		}
	}
	return results.map((all) => {
		const sorted = (name: keyof TrafficResult) => all!.map((one) => one[name]).sort((a, b) => a - b);
		return all && { rate: sorted("rate").at(-1)!, latency: sorted("latency")[0]!, latency99: sorted("latency99")[0]! };
	});
}

async function broker(): Promise<void> {
	if (withoutMosquitto) {
		console.log(`\nThrough a broker: skipped, ${withoutMosquitto}`);
		return;
	}
	const mosquitto = await Mosquitto.prepare(["persistence false"]);
	mosquitto.verbose = false;
	await mosquitto.start();
	const ours = new InsideLoop();
	const rows: string[][] = [];
	const loops: Loop[] = [(settings) => ours.run(settings), mqttJsLoop, rawLoop];
	for (const QoS of [0, 1, 2] as const) {
		for (const size of [20, 200, 2000]) {
			const settings = {
				port: mosquitto.port,
				topic: topics.publish,
				QoS,
				size,
				window: 16,
				duration: 400,
				turns: 200,
			};
			const results = await best(loops, settings);
			const cells = (name: keyof TrafficResult, show: (value: number) => string) => {
				const values = results.map((result) => result?.[name]);
				const ratio = (other: number | undefined) => (values[0] && other ? (values[0] / other).toFixed(2) : "-");
				return [...values.map((value) => (value ? show(value) : "-")), ratio(values[1]), ratio(values[2])];
			};
			rows.push([
				`QoS ${QoS}, ${thousands(size)} B`,
				...cells("rate", thousands),
				...cells("latency", (value) => value.toFixed(3)),
			]);
		}
	}
	await mosquitto.remove();
	console.log(`
End to end through mosquitto: a client that publishes what it has subscribed to, 16 messages under way (rate) or one
(latency, median). Ours is the session in XS on the desktop host; MQTT.js runs in Node.js; raw is a bare socket that writes
packets made before. The best of ${rounds} rounds; ratios above 1 are better for rates, below 1 for latencies.
`);
	const head = ["message", "ours/s", "MQTT.js/s", "raw/s", "ours:MQTT.js", "ours:raw"];
	head.push("ours ms", "MQTT.js ms", "raw ms", "ours:MQTT.js", "ours:raw");
	console.log(textTable(head, rows));
}

/** Prints tables; \`parts\`: \`inside\`, \`broker\`, or both when none is named. */
export async function bench(parts: readonly string[] = []): Promise<void> {
	const wanted = (part: string) => parts.length === 0 || parts.includes(part);
	if (wanted("inside")) inside();
	if (wanted("broker")) await broker();
}
