import Timer from "timer";
import type { Log } from "../log/log";
import type { MessageHandler, Pieces, PublishOptions, Session, StreamOptions } from "../mqtt/session";
import type { NodeSession } from "../node/open-session";
import { Token, type TokenOwner } from "./token";
import type { TokenPlace } from "./token-request";

/** A connection with a new token takes less (ms), or it is one like any other. */
const LONGEST_CHANGE = 10_000;

/**
 * A node's session whose password is a token. With each new one it says goodbye (DISCONNECT: the will is not published, and
 * the broker keeps the session) and connects again. What is published meanwhile waits, as does the end of the node: whoever
 * went in between would stay `online` for ever.
 */
export class TokenSession implements NodeSession, TokenOwner {
	readonly #token: Token;
	readonly #log: Log;
	/** Set once, before anything is called. */
	session!: Session;
	#started = false;
	#leaving = false;
	/** While the connection is changed for one with a new token. */
	#change: Timer | undefined;
	/** The end, which waits for that. */
	#done: (() => void) | undefined;

	constructor(place: TokenPlace, log: Log) {
		this.#token = new Token({ place, log, owner: this });
		this.#log = log;
	}

	/** For the session, at each attempt. Throws when there is none. */
	get password(): string {
		return this.#token.password;
	}

	/** For the session: the broker does not take it. */
	refused(): void {
		this.#token.refused();
	}

	/** For the session: it is connected. False when the node is on its way out. */
	joined(): boolean {
		this.changed();
		return !this.#leaving;
	}

	/** While the connection is changed, too. */
	get connected(): boolean {
		return this.#change !== undefined || this.session.connected;
	}

	publish(topic: string, payload: string | ByteBuffer, options?: PublishOptions): void {
		this.session.publish(topic, payload, options);
	}

	stream(topic: string, pieces: Pieces, options?: StreamOptions): boolean {
		return this.session.stream(topic, pieces, options);
	}

	on(filter: string, QoS: 0 | 1, handler: MessageHandler): void {
		this.session.on(filter, QoS, handler);
	}

	off(filter: string): void {
		this.session.off(filter);
	}

	/** It connects once there is a token. */
	start(): void {
		this.#token.start();
	}

	stop(done: () => void): void {
		this.#leaving = true;
		this.#token.close();
		if (this.#change && !this.session.connected) {
			this.#done = done;
			return;
		}
		Timer.clear(this.#change);
		this.#change = undefined;
		this.session.stop(done);
	}

	tokenReceived(replaces: boolean): void {
		const { session } = this;
		if (!this.#started) {
			this.#started = true;
			session.start();
		} else if (replaces) {
			this.#log.local("info", "token: connecting again with the new one");
			if (session.connected) this.#change ??= Timer.set(() => this.changed(), LONGEST_CHANGE);
			session.stop(() => {
				if (!this.#leaving || this.#done) session.start();
			});
		}
	}

	private changed(): void {
		Timer.clear(this.#change);
		this.#change = undefined;
		const done = this.#done;
		this.#done = undefined;
		if (done) this.session.stop(done);
	}
}
