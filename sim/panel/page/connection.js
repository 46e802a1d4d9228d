/** Messages and log lines that the page keeps. */
const KEPT = 200;
/** ms */
const RETRY = 2000;

/**
 * The node's state, kept up to date from the simulator's events. `onState` is called when all is new, `onUpdate` with
 * what has changed, `onLink` when the simulator stops or begins to answer.
 */
export class Connection {
	/** @type {import("../protocol").NodeState | undefined} */
	state;
	#path;

	constructor(id, listeners) {
		this.#path = `/nodes/${encodeURIComponent(id)}`;
		this.#open(listeners);
	}

	/** Sends an action; throws an Error with the simulator's own words when it is refused. */
	async act(action) {
		const response = await fetch(`${this.#path}/actions`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(action),
		});
		if (response.ok) return;
		const { error } = await response.json().catch(() => ({ error: `${response.status} ${response.statusText}` }));
		throw new Error(error);
	}

	#open({ onState, onUpdate, onLink }) {
		const source = new EventSource(`${this.#path}/events`);
		source.addEventListener("state", ({ data }) => {
			this.state = JSON.parse(data);
			onLink(true);
			onState();
		});
		source.addEventListener("update", ({ data }) => {
			const update = JSON.parse(data);
			this.#merge(update);
			onUpdate(update);
		});
		source.addEventListener("error", () => {
			onLink(false);
			// After a refusal the browser does not try again by itself.
			if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#open({ onState, onUpdate, onLink }), RETRY);
		});
	}

	#merge({ date, vitals, parts, channels, messages = [], log = [] }) {
		const state = this.state;
		state.date = date;
		if (vitals) state.vitals = vitals;
		Object.assign(state.parts, parts);
		Object.assign(state.channels, channels);
		state.messages = [...state.messages, ...messages].slice(-KEPT);
		state.log = [...state.log, ...log].slice(-KEPT);
	}
}
