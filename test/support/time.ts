import { clock } from "./clock";

export default {
	get ticks() {
		return clock.now | 0;
	},
	delta: (start: number, end: number = clock.now | 0) => (end - start) | 0,
	set(_seconds: number) {},
	timezone: 0,
	dst: 0,
};
