/** What the programs of this folder and their driver (test/support/inside.ts) call each other by: both sides import this. */

/** Host operations, beside those of time (hosts/shared/operations/system.ts). */
export const Operation = Object.freeze({
	/** (byteLength) -> bytes that arrived */
	read: 900,
	/** () -> a byte that arrived */
	readByte: 901,
	/** (bytes): was written; only while the program records */
	written: 902,
	/** (text): what the program has to say */
	tell: 903,
	/** (): a socket was made; a socket was closed */
	opened: 904,
	closed: 905,
});

/** The handle of the driver's events. */
export const DRIVER_HANDLE = 9000;

/** The driver's events. */
export const Event = Object.freeze({
	/** Nothing at all: what an event costs by itself. */
	nothing: 0,
	/** (byteLength): so much waits in the socket. */
	arrive: 1,
	/** Does what was prepared. */
	run: 2,
	/** (boolean): what is written is told to the driver. */
	record: 3,
	/** Takes and gives back much memory, so that no collection comes while costs are measured. */
	grow: 4,
	/** (JSON) */
	prepare: 5,
	/** (byteLength): the socket takes so much from now on. */
	writable: 6,
	/** The connection breaks. */
	fail: 7,
	/** (boolean): the application behaves from now on, or no more. */
	behave: 8,
	/** (text): the application publishes that, at QoS 1, and tells when it is acknowledged. */
	publish: 9,
	/** The application does something, by chance. */
	act: 10,
	/** The application makes an end. */
	stop: 11,
});
