/** Host operations 1..99: time, system. Frozen numbers: both sides import them. */
export const SystemOperation = Object.freeze({
	/** () -> ms since this boot */
	now: 1,
	/** (ms from now | undefined): the one alarm of the machine's timers */
	alarm: 2,
	/** (ms) -> after that time */
	delay: 3,
	/** (ms since 1970): sets the node's clock */
	setTime: 4,
	/** () -> string */
	board: 10,
	host: 11,
	uniqueId: 12,
	resetReason: 13,
	/** () -> JSON: the board's `pin` and `i2c` */
	wiring: 9,
	/** () -> JSON */
	settings: 14,
	/** () */
	restart: 15,
	/** (ms) */
	sleep: 16,
	/** (byteLength) -> bytes */
	random: 17,
	/** (ms), (), () */
	watchdogStart: 20,
	watchdogFeed: 21,
	watchdogStop: 22,
	/** () -> string; boolean; nothing; nothing */
	firmwareVersion: 30,
	firmwareOnTrial: 31,
	firmwareConfirm: 32,
	firmwareRollback: 33,
	firmwareTarget: 36,
	/** (byteLength) */
	firmwareActivate: 37,
	/** (): the firmware has said goodbye */
	shutdownDone: 40,
});

/** The handle of the timers' alarm event. */
export const ALARM_HANDLE = 0;
/** The handle of the event that asks the firmware to end. */
export const SHUTDOWN_HANDLE = -1;
