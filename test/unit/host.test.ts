import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RealClock, VIRTUAL_EPOCH, VirtualClock } from "../../hosts/desktop/clock";
import { Host, type NodeContext, type Retained, type Service } from "../../hosts/shared/host";
import { ALARM_HANDLE, SystemOperation } from "../../hosts/shared/operations/system";
import { systemService } from "../../hosts/shared/services/system-service";

/** A host with a machine that notes what it is told; `onEvent` stands for the firmware. */
function boot(
	options: { retained?: Retained; clock?: VirtualClock; services?: Service[]; onEvent?(event: number): void } = {},
) {
	const { clock = new VirtualClock(), retained = {}, services = [systemService], onEvent = () => {} } = options;
	const seen: string[] = [];
	let running = false;
	const machine = {
		time: undefined as number | undefined,
		dateOffset: 0,
		import: (specifier: string) => void seen.push(`import ${specifier}`),
		dispatch(handle: number, event: number, a?: unknown) {
			assert.equal(running, false, "an event within an event");
			running = true;
			seen.push(`${clock.now()} ${handle} ${event} ${a ?? ""}`.trim());
			onEvent(event);
			running = false;
		},
	};
	const restarts: string[] = [];
	const context = {
		machine: () => machine,
		clock,
		retained,
		log() {},
		restart: (reason: string, delay = 0) => void restarts.push(`${clock.now()} ${reason} ${delay}`),
	} as unknown as NodeContext;
	return { clock, host: new Host(context, services), machine, seen, restarts, retained };
}

describe("host", () => {
	test("delivers events in their order, each on its own, never within the call that caused it", async () => {
		const { host, clock, seen } = boot({
			onEvent(event) {
				if (event === 1) host.event(7, 3);
			},
		});
		host.event(7, 1, "a");
		host.event(7, 2, "b");
		assert.deepEqual(seen, []);
		await clock.run(0);
		assert.deepEqual(seen, ["0 7 1 a", "0 7 2 b", "0 7 3"]);
	});

	test("names an operation that it does not have", () => {
		assert.throws(() => boot().host.call(9999), /no operation 9999/);
	});

	test("after close nothing is delivered, and timers of services are over", async () => {
		const { host, clock, seen } = boot();
		host.event(7, 1);
		host.clock.set(() => seen.push("timer"), 10);
		host.close();
		host.event(7, 2);
		await clock.run(100);
		assert.deepEqual(seen, []);
	});

	test("closed within an event, it delivers no further one", async () => {
		const { host, clock, seen } = boot({ onEvent: () => host.close() });
		host.event(7, 1);
		host.event(7, 2);
		await clock.run(10);
		assert.deepEqual(seen, ["0 7 1"]);
	});
});

describe("time of a node", () => {
	test("the alarm rings at its time, once", async () => {
		const { host, clock, seen } = boot();
		host.call(SystemOperation.alarm, 50);
		host.call(SystemOperation.alarm, 20);
		await clock.run(100);
		assert.deepEqual(seen, [`20 ${ALARM_HANDLE} 0`]);
	});

	test("delay moves the node's time at once; its next event waits for the world", async () => {
		const { host, clock, seen, machine } = boot({
			onEvent(event) {
				if (event !== 1) return;
				host.call(SystemOperation.delay, 30);
				assert.equal(host.call(SystemOperation.now), 40);
				assert.equal(machine.time, VIRTUAL_EPOCH + 40);
				assert.equal(clock.now(), 10);
				host.call(SystemOperation.alarm, 5);
			},
		});
		host.clock.set(() => host.event(7, 1), 10);
		clock.set(() => host.event(7, 2), 15);
		await clock.run(100);
		assert.deepEqual(seen, ["10 7 1", "40 7 2", `45 ${ALARM_HANDLE} 0`]);
	});

	test("a timer finds its time over, however odd the virtual time at which the node booted", async () => {
		const clock = new VirtualClock();
		let looks = 0;
		clock.set(() => {
			const start = clock.now();
			// As a node's timers do: they wait for what is left.
			const look = () => {
				const left = 60_000 - (clock.now() - start);
				if (++looks < 10 && left > 0) clock.set(look, left);
			};
			look();
		}, 202590.6950885208);
		await clock.run(1_000_000);
		assert.equal(looks, 2);
	});

	test("in real time delay blocks", () => {
		const { host } = boot({ clock: new RealClock() as unknown as VirtualClock });
		const start = performance.now();
		host.call(SystemOperation.delay, 20);
		assert.ok(performance.now() - start >= 19);
	});

	test("at power-on the date is 1970 plus uptime; set, it outlives a restart", async () => {
		const first = boot();
		first.host.import("main");
		assert.equal(first.machine.dateOffset + VIRTUAL_EPOCH, 0);
		await first.clock.run(5000);
		assert.equal(first.host.date, 5000);
		first.host.call(SystemOperation.setTime, 1_800_000_000_000);
		assert.equal(first.machine.dateOffset + VIRTUAL_EPOCH + 5000, 1_800_000_000_000);
		await first.clock.run(6000);
		const second = boot({ clock: first.clock, retained: first.retained });
		second.host.import("main");
		assert.equal(second.machine.dateOffset + VIRTUAL_EPOCH + 6000, 1_800_000_001_000);
		const third = boot({ clock: first.clock });
		third.host.import("main");
		assert.equal(third.host.date, 0);
	});

	test("a watchdog that is not fed restarts the node", async () => {
		const { host, clock, restarts } = boot();
		host.call(SystemOperation.watchdogStart, 100);
		host.clock.set(() => host.call(SystemOperation.watchdogFeed), 80);
		await clock.run(179);
		assert.deepEqual(restarts, []);
		await clock.run(500);
		assert.deepEqual(restarts, ["180 watchdog 0"]);
	});

	test("sleep restarts after its time", () => {
		const { host, restarts } = boot();
		host.call(SystemOperation.sleep, 60_000);
		assert.deepEqual(restarts, ["0 deep-sleep 60000"]);
	});
});
