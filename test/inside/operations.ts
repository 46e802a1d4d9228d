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
	/** (key, bytes | undefined): keeps a value, or forgets it */
	store: 906,
	/** (key) -> bytes | undefined; () -> JSON: all keys */
	stored: 907,
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

/** Host operations of conformance.ts: its sockets and names are those of the script that tests it. */
export const Bridge = Object.freeze({
	/** (JSON of address, host, port) -> handle */
	connect: 910,
	/** (handle, byteLength) -> bytes */
	read: 911,
	/** (handle, bytes) -> bytes that may be written now */
	write: 912,
	/** (handle) */
	close: 913,
	/** (host) -> handle */
	resolve: 914,
	/** (JSON): something happened */
	emit: 915,
	/** (text): what the last event asked for */
	result: 916,
});

/** Its events. */
export const BridgeEvent = Object.freeze({
	/** (JSON): a command of the driver */
	command: 0,
	/** (handle, byteLength) */
	readable: 1,
	/** (handle, byteLength) */
	writable: 2,
	/** (handle, message or undefined) */
	failed: 3,
	/** (handle, address) */
	resolved: 4,
	/** (handle, message) */
	unresolved: 5,
	/** How many timers are set? */
	timers: 6,
});
