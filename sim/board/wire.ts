/** A part on a single data wire: pulses (DHT22), or 1-Wire (DS18B20). */
export interface WirePart {
	powerUp(): void;
	/** What it does after the wire was low for `low` us: widths of high, low, high, ... in us; `undefined`: nothing. */
	exchange?(low: number): readonly number[] | undefined;
	/** 1-Wire reset pulse: true when it answers with its presence. */
	reset?(): boolean;
	/** 1-Wire time slot with this bit: what it lets the wire be. */
	slot?(bit: 0 | 1): 0 | 1;
}

interface Place {
	readonly part: WirePart;
	plugged: boolean;
}

/** A data wire with its pull-up, and the parts on it. */
export class Wire {
	/** How many ports the firmware has open on it. */
	users = 0;
	readonly #places: Place[] = [];

	attach(part: WirePart): void {
		part.powerUp();
		this.#places.push({ part, plugged: true });
	}

	/** Takes a part off the wire and its power, or puts it back. */
	plug(part: WirePart, plugged: boolean): void {
		const place = this.#places.find((place) => place.part === part);
		if (!place || place.plugged === plugged) return;
		place.plugged = plugged;
		if (plugged) part.powerUp();
	}

	exchange(low: number, count: number): Uint16Array {
		for (const { part, plugged } of this.#places) {
			const widths = plugged ? part.exchange?.(low) : undefined;
			if (widths) return Uint16Array.from(widths.slice(0, count));
		}
		return new Uint16Array();
	}

	reset(): boolean {
		let present = false;
		for (const { part, plugged } of this.#places) if (plugged && part.reset?.()) present = true;
		return present;
	}

	/** Each part may pull the wire low: together they make a logical and. */
	bit(bit: 0 | 1): 0 | 1 {
		let line: 0 | 1 = bit;
		for (const { part, plugged } of this.#places) if (plugged && part.slot?.(bit) === 0) line = 0;
		return line;
	}
}
