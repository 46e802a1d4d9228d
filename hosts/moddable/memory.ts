/** What the engine's heap holds. */
export class Heap {
	/** A figure, by the indices of `vagalume:host`; slots count as 16 bytes. Index 11 collects the garbage. */
	static figure(index: number): number {
		return native("xs_vagalume_memory").call(this, index) as number;
	}

	/** The engine's version. */
	static engine(): string {
		return native("xs_vagalume_engine").call(this) as string;
	}
}
