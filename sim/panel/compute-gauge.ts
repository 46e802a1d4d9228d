/** How much a machine computes, from a meter that only counts up; one that begins anew has restarted. */
export class ComputeGauge {
	#before: number | undefined;
	#used = 0;
	#peak = 0;

	/** Units since the last look. */
	get used(): number {
		return this.#used;
	}

	/** At most, between two looks. */
	get peak(): number {
		return this.#peak;
	}

	/** `meter`: units since the machine was made; undefined while there is none. */
	look(meter: number | undefined): void {
		if (meter === undefined || this.#before === undefined) this.#used = 0;
		else this.#used = meter >= this.#before ? meter - this.#before : meter;
		this.#before = meter;
		this.#peak = Math.max(this.#peak, this.#used);
	}
}
