/** In place of `timer`: the same, and it knows how many timers are set. */
import Timer from "../../hosts/shared/embedded/timer";

type Callback = (timer: object) => void;

let live: Set<object> | undefined;

/** Timers that are set and have not run for the last time. */
export function timersSet(): number {
	return live?.size ?? 0;
}

function set(callback: Callback, interval = 0, repeat = 0): object {
	live ??= new Set();
	const timer: object = Timer.set(
		() => {
			if (!(repeat > 0)) live!.delete(timer);
			callback(timer);
		},
		interval,
		repeat,
	);
	live.add(timer);
	return timer;
}

export default Object.freeze({
	set,
	repeat: (callback: Callback, interval: number) => set(callback, interval, interval),
	schedule: Timer.schedule,
	clear(timer: object | undefined) {
		if (timer) live?.delete(timer);
		Timer.clear(timer as never);
	},
	delay: Timer.delay,
});
