import Time from "time";
import Timer from "timer";
import { between, equal, suite, throws } from "./harness";

export default suite("timer", (test) => {
	test("a one-shot timer runs once, not before its time, with itself as argument", async (t) => {
		const start = Time.ticks;
		let runs = 0;
		let given: unknown;
		const timer = Timer.set((self) => {
			runs++;
			given = self;
		}, 30);
		await t.sleep(100);
		equal(runs, 1, "runs");
		equal(given, timer, "argument");
		between(Time.delta(start), 100, 2000, "time");
	});

	test("never runs within the call that sets it, even with an interval of 0", async (t) => {
		let ran = false;
		Timer.set(() => {
			ran = true;
		});
		equal(ran, false, "ran");
		await t.sleep(20);
		equal(ran, true, "ran");
	});

	test("repeats until it is cleared", async (t) => {
		let runs = 0;
		const timer = Timer.repeat(() => {
			if (++runs === 3) Timer.clear(timer);
		}, 10);
		await t.sleep(150);
		equal(runs, 3, "runs");
	});

	test("set with a repeat runs first after the interval, then by the repeat", async (t) => {
		const times: number[] = [];
		const start = Time.ticks;
		const timer = Timer.set(() => times.push(Time.delta(start)), 60, 20);
		t.defer(() => Timer.clear(timer));
		await t.sleep(170);
		between(times[0] ?? 0, 60, 110, "first run");
		between(times.length, 3, 6, "runs");
	});

	test("repeats do not drift", async (t) => {
		let runs = 0;
		const start = Time.ticks;
		await t.until((done) => {
			const timer = Timer.repeat(() => {
				Timer.delay(4);
				if (++runs < 25) return;
				Timer.clear(timer);
				done();
			}, 20);
		});
		// Were each repeat counted from the end of the callback, they would take 600 ms.
		between(Time.delta(start), 500, 590, "25 runs");
	});

	test("timers run in the order of their times, equal ones in the order in which they were set", async (t) => {
		const order: string[] = [];
		Timer.set(() => order.push("c"), 40);
		Timer.set(() => order.push("a"), 10);
		Timer.set(() => order.push("b"), 10);
		await t.sleep(90);
		equal(order.join(""), "abc", "order");
	});

	test("schedule moves a timer, and suspends it without an interval", async (t) => {
		let runs = 0;
		const timer = Timer.set(() => runs++, 20);
		Timer.schedule(timer, 80);
		await t.sleep(50);
		equal(runs, 0, "runs before the new time");
		Timer.schedule(timer);
		await t.sleep(80);
		equal(runs, 0, "runs while suspended");
		Timer.schedule(timer, 10);
		await t.sleep(60);
		equal(runs, 1, "runs after it was scheduled again");
	});

	test("schedule gives a timer a repeat inside its callback", async (t) => {
		let runs = 0;
		const timer = Timer.set((self) => {
			if (++runs === 1) Timer.schedule(self, 10, 10);
			else if (runs === 3) Timer.clear(self);
		}, 10);
		t.defer(() => Timer.clear(timer));
		await t.sleep(120);
		equal(runs, 3, "runs");
	});

	test("a one-shot timer is over after its callback: it cannot be scheduled again", async (t) => {
		const timer = Timer.set(() => {}, 1);
		await t.sleep(30);
		throws(() => Timer.schedule(timer, 1));
	});

	test("clear takes undefined, null and timers that ended", async (t) => {
		Timer.clear(undefined);
		Timer.clear(null);
		const timer = Timer.set(() => {}, 1);
		await t.sleep(20);
		Timer.clear(timer);
		Timer.clear(timer);
	});

	test("a timer cleared by another one that is due at the same time does not run", async (t) => {
		let ran = false;
		Timer.set(() => Timer.clear(second), 10);
		const second = Timer.set(() => {
			ran = true;
		}, 10);
		await t.sleep(50);
		equal(ran, false, "ran");
	});

	test("delay blocks for that long", () => {
		const start = Time.ticks;
		Timer.delay(25);
		between(Time.delta(start), 24, 100, "time");
	});
});
