/** Freezes plain data all the way down, so that a preloaded module keeps it in flash. Returns the same object. */
export function freeze<T>(value: T): T {
	if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const member of Object.values(value)) freeze(member);
	}
	return value;
}
