/** `KeepAlive.check`: what to do now. */
export const QUIET = 0;
export const PING = 1;
export const DEAD = 2;

/** Looks a connection gets per keep-alive interval. */
export const CHECKS = 4;

/**
 * Decides when to send PINGREQ and when the server is dead (MQTT 3.1.1 §3.1.2.10). It is asked four times per keep-alive
 * interval, so a PINGREQ leaves when nothing was sent, or nothing came, for 3/4 to 4/4 of the interval; half an interval
 * without any answer later, the server is dead: after at most 1.5 intervals of silence, as the server judges the client.
 */
export class KeepAlive {
	#sentQuiet = 0;
	#heardQuiet = 0;
	#waiting = 0;
	#silent = 0;
	#stuck = 0;

	/**
	 * @param sent bytes were sent since the last check
	 * @param heard bytes came since the last check
	 * @param behind no answer can be expected yet: PINGREQ waits behind a packet that is being sent, or PINGRESP behind one that is coming
	 * @param stuck bytes wait to be sent, and the socket took none since the last check
	 */
	check(sent: boolean, heard: boolean, behind: boolean, stuck: boolean): typeof QUIET | typeof PING | typeof DEAD {
		this.#sentQuiet = sent ? 0 : this.#sentQuiet + 1;
		this.#heardQuiet = heard ? 0 : this.#heardQuiet + 1;
		this.#stuck = stuck ? this.#stuck + 1 : 0;
		if (this.#stuck >= CHECKS + CHECKS / 2) return DEAD;
		if (this.#waiting > 0) {
			if (behind || stuck) return QUIET;
			this.#waiting++;
			this.#silent = heard ? 0 : this.#silent + 1;
			return this.#silent >= CHECKS / 2 || this.#waiting > CHECKS + CHECKS / 2 ? DEAD : QUIET;
		}
		if (this.#sentQuiet < CHECKS - 1 && this.#heardQuiet < CHECKS - 1) return QUIET;
		this.#waiting = 1;
		this.#silent = 0;
		return PING;
	}

	/** PINGRESP came. */
	pong(): void {
		this.#waiting = 0;
		this.#sentQuiet = 0;
		this.#heardQuiet = 0;
	}
}
