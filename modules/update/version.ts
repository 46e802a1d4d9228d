/** The parts of a version after Semantic Versioning 2.0.0, without build metadata: `1.4.0`, `2.0.0-rc.1`. */
function partsOf(version: string): RegExpExecArray | null {
	// In here: a preloaded regular expression breaks the heap of XS 17.7.
	return /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})(?:-([0-9A-Za-z.-]+))?$/.exec(version);
}

/** At most 32 characters. */
export function isVersion(text: unknown): text is string {
	if (typeof text !== "string" || text.length > 32) return false;
	const parts = partsOf(text);
	// §9: identifiers are not empty, and numbers have no leading zero.
	return parts !== null && (parts[4] === undefined || parts[4].split(".").every((part) => !/^(|0\d+)$/.test(part)));
}

/** Below 0 when `a` comes before `b` (§11), 0 when they are the same. Both are versions. */
export function compareVersions(a: string, b: string): number {
	const left = partsOf(a)!;
	const right = partsOf(b)!;
	for (let index = 1; index <= 3; index++) {
		const difference = Number(left[index]) - Number(right[index]);
		if (difference !== 0) return difference;
	}
	if (left[4] === right[4]) return 0;
	if (left[4] === undefined) return 1;
	if (right[4] === undefined) return -1;
	return compareIdentifiers(left[4].split("."), right[4].split("."));
}

function compareIdentifiers(left: readonly string[], right: readonly string[]): number {
	for (let index = 0; ; index++) {
		const a = left[index];
		const b = right[index];
		if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
		if (a === b) continue;
		const [first, second] = [/^\d+$/.test(a), /^\d+$/.test(b)];
		if (first && second) return Number(a) - Number(b);
		if (first !== second) return first ? -1 : 1;
		return a < b ? -1 : 1;
	}
}

/** Orders versions without a pre-release by one whole number: what a release has as its sequence number when it is told none. */
export function sequenceOf(version: string): number {
	const [, major, minor, patch] = partsOf(version)!;
	return (Number(major) * 1e5 + Number(minor)) * 1e5 + Number(patch);
}
