import { show } from "./pins";
import { utf8Length } from "./topics";

type Members = Record<string, unknown>;

/** Gathers what is wrong with a description: each error names the path and what was expected there. */
export class Checker {
	readonly errors: string[] = [];

	add(path: string, problem: string): void {
		this.errors.push(`${path}: ${problem}`);
	}

	/** The members of an object; undefined, with an error, when the value is none. Members that nobody knows are errors. */
	members(path: string, value: unknown, known?: readonly string[]): Members | undefined {
		if (typeof value !== "object" || value === null || Array.isArray(value)) {
			this.add(path, `expected an object, got ${show(value)}`);
			return undefined;
		}
		if (known)
			for (const key of Object.keys(value))
				if (!known.includes(key))
					this.add(path === "node" ? key : `${path}.${key}`, `unknown, expected one of ${known.join(", ")}`);
		return value as Members;
	}

	number(path: string, value: unknown, low: number, high: number, unit = ""): void {
		if (typeof value !== "number" || !(value >= low && value <= high))
			this.add(path, `${show(value)} is outside ${low}..${high}${unit}`);
	}
	integer(path: string, value: unknown, low: number, high: number, unit = ""): void {
		if (!Number.isInteger(value)) this.add(path, `${show(value)} is not a whole number in ${low}..${high}${unit}`);
		else this.number(path, value, low, high, unit);
	}
	boolean(path: string, value: unknown): void {
		if (typeof value !== "boolean") this.add(path, `${show(value)} is neither true nor false`);
	}
	oneOf(path: string, value: unknown, choices: readonly unknown[]): boolean {
		if (choices.includes(value)) return true;
		this.add(path, `${show(value)} is none of ${choices.join(", ")}`);
		return false;
	}
	text(path: string, value: unknown, longest: number): void {
		if (typeof value !== "string" || value.length < 1 || value.length > longest)
			this.add(path, `expected a text of 1..${longest} characters, got ${show(value)}`);
		else if (utf8Length(value) === undefined) this.add(path, "is not well-formed Unicode");
	}
	/** A name that appears in topics and as a key in flash: NVS takes 15 bytes. */
	name(path: string, name: string): void {
		if (!/^[a-z0-9_-]{1,15}$/.test(name))
			this.add(path, `${show(name)} is not a name of 1..15 characters a-z, 0-9, - and _`);
	}
}
