import { useEffect, useReducer } from "preact/hooks";

/** A value that a part of the page follows. */
export interface Signal<T> {
	readonly value: T;
	set(value: T): void;
	/** Returns what ends that. */
	subscribe(listener: () => void): () => void;
}

export function signal<T>(value: T): Signal<T> {
	const listeners = new Set<() => void>();
	return {
		get value() {
			return value;
		},
		set(next) {
			if (Object.is(value, next)) return;
			value = next;
			for (const listener of listeners) listener();
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
	};
}

/** What changes and tells so. */
export interface Source {
	subscribe(listener: () => void): () => void;
}

/** Draws the component again after each change of the source: at most once a frame, so that a storm of news costs one drawing. */
export function useSource(source: Source): void {
	const [, draw] = useReducer((count: number) => count + 1, 0);
	useEffect(() => {
		let frame = 0;
		const end = source.subscribe(() => {
			frame ||= requestAnimationFrame(() => {
				frame = 0;
				draw(undefined);
			});
		});
		// Something may have changed before this effect ran.
		draw(undefined);
		return () => {
			cancelAnimationFrame(frame);
			end();
		};
	}, [source]);
}

/** Listeners of a source. */
export class Listeners implements Source {
	readonly #listeners = new Set<() => void>();

	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	tell(): void {
		for (const listener of this.#listeners) listener();
	}
}
