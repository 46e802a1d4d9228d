/** The `time` module, as Moddable's. */
import { call, timezone } from "vagalume:host";
import { SystemOperation } from "../operations/system";

/** Seconds, as set by the firmware: each machine has its own. */
let zone = 0;
let daylight = 0;

class Time {
	/** Sets the clock: seconds since 1970, a fraction is accepted. Throws RangeError outside 1970..9999. */
	static set(seconds: number): void {
		const date = Number(seconds) * 1000;
		if (!(date >= 0 && date < 253_402_300_800_000))
			throw new RangeError(`Time.set: ${seconds} s is not a date in 1970..9999`);
		call(SystemOperation.setTime, date);
	}

	/** Milliseconds since boot, as a 32-bit integer that wraps. */
	static get ticks(): number {
		return (call(SystemOperation.now) as number) | 0;
	}

	static delta(start: number, end: number = Time.ticks): number {
		return (end - start) | 0;
	}

	static get timezone(): number {
		return zone;
	}
	static set timezone(seconds: number) {
		zone = Math.trunc(Number(seconds)) || 0;
		timezone(zone + daylight);
	}

	static get dst(): number {
		return daylight;
	}
	static set dst(seconds: number) {
		daylight = Math.trunc(Number(seconds)) || 0;
		timezone(zone + daylight);
	}
}

export default Time;
