import Time from "time";
import Timer from "timer";
import type { Log } from "../log/log";
import { Backoff } from "../mqtt/backoff";
import type { Granted } from "./token-answer";
import { type TokenPlace, TokenRequest, type TokenRequestOwner } from "./token-request";

const TIMING = Object.freeze({ base: 1000, cap: 60_000, stable: 0 });
/** A token is renewed when so much of its life is over: not all nodes of a fleet at once, and with time for several attempts. */
const EARLIEST = 0.7;
const SPREAD = 0.1;

export interface TokenOwner {
	/** There is a new token. `replaces`: it stands in for one that a connection may have been made with. */
	tokenReceived(replaces: boolean): void;
}

export interface TokenOptions {
	readonly place: TokenPlace;
	readonly log: Log;
	readonly owner: TokenOwner;
	/** 0 (inclusive) to 1 (exclusive); Math.random when omitted. */
	random?(): number;
}

/**
 * The node's token: fetched from its service, and renewed before it expires. A service that does not answer, or answers
 * what is none, is asked again with growing pauses; the present token stays in use until it expires.
 */
export class Token implements TokenRequestOwner {
	readonly #options: TokenOptions;
	readonly #random: () => number;
	readonly #backoff: Backoff;
	#request: TokenRequest | undefined;
	/** The renewal that is due, or the next attempt. */
	#timer: Timer | undefined;
	#text = "";
	/** Ticks (ms) when the present token was asked for, and when the one under way was. */
	#since = 0;
	#asked = 0;
	/** ms */
	#life = 0;
	#refused = false;
	#closed = false;

	constructor(options: TokenOptions) {
		this.#options = options;
		this.#random = options.random ?? Math.random;
		this.#backoff = new Backoff(this.#random, TIMING);
	}

	/** Fetches the first one, and from then on renews it. */
	start(): void {
		this.#closed = false;
		if (!this.#request && !this.#timer) this.fetch();
	}

	close(): void {
		this.#closed = true;
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#request?.close();
		this.#request = undefined;
	}

	/**
	 * What is shown to the broker.
	 *
	 * @throws Error: there is none that is good
	 */
	get password(): string {
		if (this.#text !== "" && this.left > 0) return this.#text;
		const what = this.#refused ? "the broker refused it" : this.#text === "" ? "there is none" : "it has expired";
		throw new Error(`token: ${what}, and a new one did not come yet`);
	}

	/** The broker does not take it: another one is fetched. */
	refused(): void {
		if (this.#text === "") return;
		this.#text = "";
		this.#refused = true;
		this.fetch();
	}

	/** Seconds that the present token is still good for. */
	private get left(): number {
		const age = Time.delta(this.#since);
		// Negative after more than 24 days, when the difference of two ticks wraps.
		return age < 0 || this.#text === "" ? 0 : Math.max(0, this.#life - age) / 1000;
	}

	private fetch(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		if (this.#request || this.#closed) return;
		this.#asked = Time.ticks;
		this.#request = new TokenRequest(this.#options.place, this);
	}

	/** Of the request. */
	granted({ token, life }: Granted): void {
		const { log, owner } = this.#options;
		this.#request = undefined;
		const before = this.#text;
		this.#text = token;
		this.#since = this.#asked;
		this.#life = life * 1000;
		this.#refused = false;
		this.#backoff.stood(0);
		this.wait(this.#life * (EARLIEST + SPREAD * this.#random()));
		// A service may give the same one again, until it is about to expire.
		if (token === before) return;
		log.local("info", `token: a new one, good for ${Math.round(life)} s`);
		owner.tokenReceived(before !== "");
	}

	/** Of the request. */
	failed(why: string): void {
		const { log, place } = this.#options;
		this.#request = undefined;
		const delay = this.#backoff.next();
		this.wait(delay);
		const left = Math.round(this.left);
		const present = left > 0 ? `; the present one is good for ${left} s` : "";
		const { host, port } = place.address;
		log.warn(`token: ${host}:${port}: ${why}; next attempt in ${delay} ms${present}`);
	}

	private wait(milliseconds: number): void {
		this.#timer = Timer.set(() => this.fetch(), milliseconds);
	}
}
