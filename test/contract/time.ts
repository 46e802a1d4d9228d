import Time from "time";
import Timer from "timer";
import { between, equal, ok, suite } from "./harness";

export default suite("time", (test) => {
	test("ticks are whole milliseconds that go on", async (t) => {
		const start = Time.ticks;
		ok(Number.isInteger(start), `ticks ${start} are not whole`);
		await t.sleep(40);
		between(Time.delta(start), 39, 500, "delta");
		between(Time.delta(start, Time.ticks), 39, 500, "delta with an end");
	});

	test("delta is right across the wrap of 32 bits", () => {
		equal(Time.delta(0x7fffffff, -0x80000000), 1);
		equal(Time.delta(-0x80000000, 0x7fffffff), -1);
	});

	test("set moves the date and leaves ticks and timers alone", async (t) => {
		const before = Date.now();
		t.defer(() => Time.set(before / 1000));
		const start = Time.ticks;
		let ran = false;
		Timer.set(() => {
			ran = true;
		}, 30);
		Time.set(1_800_000_000.5);
		between(Date.now(), 1_800_000_000_500, 1_800_000_001_500, "date");
		equal(new Date().getUTCFullYear(), 2027, "year");
		between(Time.delta(start), 0, 500, "ticks");
		await t.sleep(80);
		equal(ran, true, "timer ran");
	});

	test("the date goes on as ticks do", async (t) => {
		const date = Date.now();
		const start = Time.ticks;
		await t.sleep(50);
		const drift = Date.now() - date - Time.delta(start);
		between(drift, -20, 20, "difference");
	});
});
