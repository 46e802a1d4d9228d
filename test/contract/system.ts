import Timer from "timer";
import { equal, ok, suite, throws } from "./harness";

const REASONS = ["power-on", "software", "panic", "watchdog", "brown-out", "deep-sleep", "update", "unknown"];

export default suite("system", (test) => {
	test("says what it is", ({ device }) => {
		const { board, host, uniqueId, resetReason } = device.system;
		ok(board !== "", "board is empty");
		ok(host !== "", "host is empty");
		ok(/^[0-9a-f]{12}$/.test(uniqueId), `uniqueId ${uniqueId}`);
		ok(REASONS.includes(resetReason), `resetReason ${resetReason}`);
		equal(typeof device.system.settings, "object", "settings");
	});

	test("memory figures add up", ({ device }) => {
		const before = device.system.memory();
		equal(before.free + before.used, before.size, "free + used");
		const blocks = [new ArrayBuffer(2000), new ArrayBuffer(2000)];
		const { used, peak } = device.system.memory();
		ok(used >= 4000, `only ${used} bytes are in use while 4,000 are held`);
		ok(peak >= used, `peak ${peak} is below used ${used}`);
		equal(blocks.length, 2);
	});

	test("random fills the buffer, each time anew", ({ device }) => {
		const one = new Uint8Array(32);
		const other = new Uint8Array(34).fill(0);
		device.system.random(one);
		device.system.random(new Uint8Array(other.buffer, 1, 32));
		ok(
			one.some((byte) => byte !== one[0]),
			"all bytes are the same",
		);
		ok(
			one.some((byte, index) => byte !== other[index + 1]),
			"twice the same bytes",
		);
		equal(other[0], 0, "before the view");
		equal(other[33], 0, "after the view");
	});

	test(
		"a watchdog that is fed, then stopped, lets the firmware live",
		async (t) => {
			const { watchdog } = t.device.system;
			watchdog!.start(200);
			const timer = Timer.repeat(() => watchdog!.feed(), 50);
			t.defer(() => {
				Timer.clear(timer);
				watchdog!.stop();
			});
			await t.sleep(500);
			watchdog!.stop();
			Timer.clear(timer);
			await t.sleep(400);
			throws(() => watchdog!.start(0));
		},
		{ needs: (device) => device.system.watchdog },
	);

	test(
		"the running firmware has a version",
		({ device }) => {
			const { version, onTrial } = device.system.firmware!;
			ok(version !== "", "version is empty");
			equal(typeof onTrial, "boolean", "onTrial");
			device.system.firmware!.confirm();
			equal(device.system.firmware!.onTrial, false, "onTrial after confirm");
		},
		{ needs: (device) => device.system.firmware },
	);

	test("console and trace write", () => {
		console.log("# console.log", 1, true);
		trace("# trace ", 2, "\n");
	});
});
