/** Host operations 300..399: key-value, flash, update. Frozen numbers: both sides import them. */
export const StorageOperation = Object.freeze({
	/** (domain, create) -> whether it exists */
	keyValueOpen: 300,
	/** (domain, key) -> index in KEY_VALUE_FORMATS | undefined */
	keyValueFormat: 301,
	/** (domain, key) -> value; 64-bit integers as decimal strings */
	keyValueRead: 302,
	/** (domain, key, format, value) */
	keyValueWrite: 303,
	/** (domain, key) -> whether there was one */
	keyValueDelete: 304,
	/** (domain) -> iterator */
	keyValueKeys: 305,
	/** (iterator) -> key | undefined at the end */
	keyValueNext: 306,
	/** (iterator) */
	keyValueEnd: 307,
	/** (index) -> label | undefined */
	flashLabel: 320,
	/** (label) -> size | undefined; the aliases `running` and `nextota` too */
	flashSize: 321,
	/** (label, offset, byteLength) -> bytes */
	flashRead: 322,
	/** (label, offset, bytes) */
	flashWrite: 323,
	/** (label, block, end block) */
	flashErase: 324,
	/** (label, append, byteLength | undefined) -> handle */
	updateOpen: 340,
	/** (handle, bytes, offset | undefined) */
	updateWrite: 341,
	/** (handle) */
	updateComplete: 342,
	/** (handle) */
	updateClose: 343,
});

/** ECMA-419's formats of key-value domains, in the order of their numbers. */
export const KEY_VALUE_FORMATS = Object.freeze([
	"buffer",
	"string",
	"uint8",
	"int8",
	"uint16",
	"int16",
	"uint32",
	"int32",
	"uint64",
	"int64",
] as const);

/** NVS on the board: names of domains and keys have at most this many UTF-8 bytes. */
export const KEY_LENGTH = 15;

/** Flash geometry of the board. */
export const BLOCK_LENGTH = 4096;
export const WRITE_ALIGN = 4;
export const ERASE_VALUE = 0xff;
