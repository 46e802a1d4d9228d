/** What hosts/esp32/system.c does. */
export class Board {
	/** ESP-IDF's number of why the board started. */
	static resetReason(): number {
		return native("xs_vagalume_reset_reason").call(this) as number;
	}

	static restart(): undefined {
		return native("xs_vagalume_restart").call(this) as undefined;
	}

	static deepSleep(milliseconds: number): undefined {
		return native("xs_vagalume_deep_sleep").call(this, milliseconds) as undefined;
	}

	/** 12 lower-case hexadecimal digits. */
	static macAddress(): string {
		return native("xs_vagalume_mac_address").call(this) as string;
	}

	/** Bytes that the heap of the board still has. */
	static freeHeap(): number {
		return native("xs_vagalume_free_heap").call(this) as number;
	}

	/** Fills the buffer, or the part of it that a view shows. */
	static random(bytes: Uint8Array): undefined {
		return native("xs_vagalume_random").call(this, bytes) as undefined;
	}

	/** ms; 0 ends it. */
	static watchdogStart(timeout: number): undefined {
		return native("xs_vagalume_watchdog_start").call(this, timeout) as undefined;
	}

	static watchdogFeed(): undefined {
		return native("xs_vagalume_watchdog_feed").call(this) as undefined;
	}

	/** True while the running firmware waits to be confirmed. */
	static firmwareOnTrial(): boolean {
		return native("xs_vagalume_firmware_on_trial").call(this) as boolean;
	}

	static confirmFirmware(): undefined {
		return native("xs_vagalume_firmware_confirm").call(this) as undefined;
	}

	/** The firmware in the slot that does not run boots next. */
	static activateFirmware(): undefined {
		return native("xs_vagalume_firmware_activate").call(this) as undefined;
	}

	static rollbackFirmware(): undefined {
		return native("xs_vagalume_firmware_rollback").call(this) as undefined;
	}
}

/** What hosts/esp32/pulse-wire.c does, on the wire at a pin. */
export class Wire {
	static open(pin: number): undefined {
		return native("xs_vagalume_wire_open").call(this, pin) as undefined;
	}

	static exchange(pin: number, lowMicroseconds: number, widths: Uint16Array): number {
		return native("xs_vagalume_wire_exchange").call(this, pin, lowMicroseconds, widths) as number;
	}

	static reset(pin: number): boolean {
		return native("xs_vagalume_wire_reset").call(this, pin) as boolean;
	}

	static bit(pin: number, value: 0 | 1): 0 | 1 {
		return native("xs_vagalume_wire_bit").call(this, pin, value) as 0 | 1;
	}
}
