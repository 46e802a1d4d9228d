/** The SDK's timers. The firmware's module `timer` is this project's own, on one of these: see ModdableClock. */
export class NativeTimer {
	/** After `interval` ms, then every `repeat` ms. */
	static set(callback: () => void, interval: number, repeat: number): object {
		return native("xs_timer_set").call(this, callback, interval, repeat) as object;
	}
	static schedule(timer: object, interval: number, repeat: number): undefined {
		return native("xs_timer_schedule").call(this, timer, interval, repeat) as undefined;
	}
	static delay(milliseconds: number): undefined {
		return native("xs_timer_delay").call(this, milliseconds) as undefined;
	}
}
