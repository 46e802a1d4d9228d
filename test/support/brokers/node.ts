import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "node:test";
import { loadNode } from "../../../tools/load-node";
import { OtherNode } from "../other-node";
import { Simulator } from "../simulator";
import { user } from "./broker";
import type { Target } from "./target";
import { World } from "./world";

/** The node of node.ts, as a user starts it, with MQTT 5 if that is the target's: the firmware inside XS, in a process of its own. */
export function node(target: Target): void {
	describe("the default node", () => {
		const world = new World(target);

		world.test(
			"logs in, says online, reports, obeys, says offline when stopped, and is said offline when killed",
			async () => {
				const folder = mkdtempSync(join(tmpdir(), "vagalume-password-"));
				const password = join(folder, "password");
				writeFileSync(password, `${user.password}\n`);
				const id = world.name("sala");
				const base = `vagalume/${id}`;
				const watcher = await world.client();
				await watcher.subscribe(`${base}/#`);
				const seen = (topic: string, text: RegExp) => {
					const matches = () =>
						watcher.messages.filter((m) => m.topic === `${base}/${topic}` && text.test(`${m.payload}`));
					return world
						.until(() => matches().length > 0, `${text} on ${topic}`, 15_000)
						.then(() => watcher.messages.splice(0));
				};
				const url = `mqtt://127.0.0.1:${target.broker().port}`;
				const args = ["--broker", url, "--id", id, "--user", user.name, "--password-file", password];
				const { node: description } = await loadNode();
				const other = target.version === 5 ? new OtherNode({ ...description, broker: { version: 5 } }) : undefined;
				const start = () => new Simulator(args, other && { root: other.folder });
				let simulator = start();
				try {
					await simulator.ready();
					await seen("telemetry", /"seq":1/);
					const late = await world.client();
					await late.subscribe(`${base}/status`);
					await world.until(() => late.messages.length === 1, "the retained status");
					assert.deepEqual([late.texts, late.messages[0]!.retain], [["online"], true]);
					for (const [order, state] of [
						["ON", /"state":"ON"/],
						['{"brightness":77}', /"brightness":77/],
						["OFF", /"state":"OFF"/],
					] as const) {
						await watcher.publish(`${base}/led/onboard/set`, order, { QoS: 1 });
						await seen("led/onboard", state);
					}
					await watcher.publish(`${base}/command/ping`, '{"id":"a"}', { QoS: 2 });
					await seen("response/ping", /"id":"a"/);
					// mosquitto says in which version: p2 is 3.1.1.
					if (other) assert.match(target.broker().log!, new RegExp(`connected .* as ${id} \\(p5,`));
					assert.equal(await simulator.stop(), 0);
					await seen("status", /offline/);
					simulator = start();
					await simulator.ready();
					await seen("status", /online/);
					await simulator.stop("SIGKILL");
					await seen("status", /offline/);
				} finally {
					await simulator.stop("SIGKILL");
					rmSync(folder, { recursive: true });
					other?.remove();
				}
			},
		);
	});
}
