/** A part on an I2C bus, byte by byte. */
export interface I2CPart {
	/** Power comes on: registers as after a reset. */
	powerUp(): void;
	/** Its address was sent, after a start or a repeated start; false: no acknowledge. */
	start(reading: boolean): boolean;
	/** A byte for it; false: no acknowledge. */
	write(byte: number): boolean;
	/** The next byte from it. */
	read(): number;
	stop(): void;
}

/** One whole transfer, for observers. */
export interface I2CTransfer {
	readonly address: number;
	readonly reading: boolean;
	readonly bytes: Uint8Array;
	/** False: nobody answered, or a byte was refused. */
	readonly acknowledged: boolean;
}

interface Place {
	readonly address: number;
	readonly part: I2CPart;
	plugged: boolean;
}

/** Two wires and the parts on them. */
export class I2CBus {
	readonly #places: Place[] = [];
	/** Told each transfer. */
	onTransfer: ((transfer: I2CTransfer) => void) | undefined;

	/** Throws when the address (7 bits) is taken. */
	attach(address: number, part: I2CPart): void {
		if (this.#places.some((place) => place.address === address))
			throw new Error(`I2C: two parts at address ${hex(address)}`);
		part.powerUp();
		this.#places.push({ address, part, plugged: true });
	}

	/** Pulls the part at `address` off the bus, or puts it back: without power it forgets. */
	plug(address: number, plugged: boolean): void {
		const place = this.#places.find((place) => place.address === address);
		if (!place || place.plugged === plugged) return;
		place.plugged = plugged;
		if (plugged) place.part.powerUp();
	}

	/** Throws when the address or a byte is not acknowledged. Without `stop` the next transfer begins with a repeated start. */
	write(address: number, bytes: Uint8Array, stop: boolean): void {
		const part = this.#start(address, false, bytes);
		for (let index = 0; index < bytes.length; index++) {
			if (part.write(bytes[index]!)) continue;
			part.stop();
			this.onTransfer?.({ address, reading: false, bytes, acknowledged: false });
			throw new Error(`I2C: part at ${hex(address)} refused byte ${index + 1} of ${bytes.length}`);
		}
		if (stop) part.stop();
		this.onTransfer?.({ address, reading: false, bytes, acknowledged: true });
	}

	/** Throws when the address is not acknowledged. */
	read(address: number, byteLength: number, stop: boolean): Uint8Array {
		const bytes = new Uint8Array(byteLength);
		const part = this.#start(address, true, bytes);
		for (let index = 0; index < byteLength; index++) bytes[index] = part.read();
		if (stop) part.stop();
		this.onTransfer?.({ address, reading: true, bytes, acknowledged: true });
		return bytes;
	}

	#start(address: number, reading: boolean, bytes: Uint8Array): I2CPart {
		const place = this.#places.find((place) => place.address === address && place.plugged);
		if (place?.part.start(reading)) return place.part;
		this.onTransfer?.({ address, reading, bytes: reading ? new Uint8Array() : bytes, acknowledged: false });
		throw new Error(`I2C: no part answers at address ${hex(address)}`);
	}
}

export function hex(address: number): string {
	return `0x${address.toString(16).padStart(2, "0")}`;
}
