/** Operations 100 to 199: what the firmware asks of the board. Handles come from the `open` of each kind. */
export const board = Object.freeze({
	/** (bank, pins, mode, rises, falls, initialValue) -> handle */
	digitalOpen: 100,
	/** (handle) -> bit mask */
	digitalRead: 101,
	/** (handle, bit mask) */
	digitalWrite: 102,
	/** (handle) -> pins that triggered since the last call */
	digitalTriggers: 103,
	digitalClose: 104,

	/** (pin) -> handle */
	analogOpen: 110,
	/** (handle) -> 0..4095 */
	analogRead: 111,
	analogClose: 112,

	/** (pin, hz, resolution) -> handle */
	pwmOpen: 120,
	/** (handle, duty) */
	pwmWrite: 121,
	pwmClose: 122,

	/** (data, clock, hz, address, port | undefined) -> handle */
	i2cOpen: 130,
	/** (handle, byteLength, stop) -> bytes */
	i2cRead: 131,
	/** (handle, bytes, stop) */
	i2cWrite: 132,
	/** (handle, bytes, byteLength, stop between) -> bytes */
	i2cWriteRead: 133,
	i2cClose: 134,

	/** (pin, length) -> handle */
	stripOpen: 140,
	/** (handle, RGB bytes) */
	stripWrite: 141,
	stripClose: 142,

	/** (pin) -> handle */
	wireOpen: 150,
	/** (handle, low us, count) -> widths as bytes, little-endian 16 bits each */
	wireExchange: 151,
	/** (handle) -> presence */
	wireReset: 152,
	/** (handle, byte) */
	wireWrite: 153,
	/** (handle) -> byte */
	wireRead: 154,
	/** (handle, bit) -> bit */
	wireBit: 155,
	wireClose: 156,
});

/** Values of `mode`, as on Moddable's hosts. */
export const digitalMode = Object.freeze({
	input: 0,
	inputPullUp: 1,
	inputPullDown: 2,
	inputPullUpDown: 3,
	output: 8,
	outputOpenDrain: 9,
});

/** The one event of a digital handle: at least one of its pins has triggered. */
export const digitalReadable = 1;
