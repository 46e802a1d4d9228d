import { clock, type Entry } from "./clock";

export default {
	set: (callback: (timer: Entry) => void, interval = 0, repeat?: number) => clock.add(callback, interval, repeat),
	repeat: (callback: (timer: Entry) => void, interval: number) => clock.add(callback, interval, interval),
	schedule: (timer: Entry, interval?: number, repeat?: number) => clock.schedule(timer, interval, repeat),
	clear: (timer: Entry | null | undefined) => clock.remove(timer),
	delay: (milliseconds: number) => clock.advance(milliseconds),
};
