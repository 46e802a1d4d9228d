import type { TimerHandle } from "../clock";
import type { Service } from "../host";
import { ALARM_HANDLE, SystemOperation } from "../operations/system";

/** Time, restart, memory, watchdog: what stands behind `timer`, `time` and `device.system`. */
export const systemService: Service = (context, host) => {
	const { clock } = host;
	const boot = clock.now();
	let alarm: TimerHandle | undefined;
	let watchdog: TimerHandle | undefined;
	let watchdogTimeout = 0;

	function feed(): void {
		clock.clear(watchdog);
		watchdog = undefined;
		if (watchdogTimeout > 0)
			watchdog = clock.set(() => {
				context.log(`watchdog: not fed for ${watchdogTimeout} ms`);
				context.restart("watchdog");
			}, watchdogTimeout);
	}

	return {
		operations: {
			[SystemOperation.now]: () => clock.now() - boot,
			[SystemOperation.alarm]: (delay?: number) => {
				clock.clear(alarm);
				alarm = delay === undefined ? undefined : clock.set(() => host.enter(ALARM_HANDLE, 0), delay);
			},
			[SystemOperation.delay]: (milliseconds: number) => clock.delay(milliseconds),
			[SystemOperation.setTime]: (date: number) => host.setDate(date),
			[SystemOperation.wiring]: () => JSON.stringify(context.wiring),
			[SystemOperation.board]: () => context.boardName,
			[SystemOperation.host]: () => context.hostName,
			[SystemOperation.uniqueId]: () => context.uniqueId,
			[SystemOperation.resetReason]: () => context.resetReason,
			[SystemOperation.settings]: () => JSON.stringify(context.settings),
			[SystemOperation.restart]: () => context.restart("software"),
			[SystemOperation.sleep]: (milliseconds: number) => context.restart("deep-sleep", milliseconds),
			[SystemOperation.random]: (byteLength: number) => context.random(byteLength),
			[SystemOperation.shutdownDone]: () => context.shutdownDone(),
			[SystemOperation.watchdogStart]: (timeout: number) => {
				watchdogTimeout = timeout;
				feed();
			},
			[SystemOperation.watchdogFeed]: feed,
			[SystemOperation.watchdogStop]: () => {
				watchdogTimeout = 0;
				feed();
			},
		},
		close() {
			clock.clear(alarm);
			clock.clear(watchdog);
		},
	};
};
