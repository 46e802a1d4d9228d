import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import { checkQuantity, checkValue, split, type World } from "./world";

/** One step of a script; all its members happen at once, in the order given here. */
export interface Step {
	/** Seconds since the simulation started. */
	readonly at: number;
	/** Quantities to hold, such as `{"temperature": 31, "climate/humidity": 80}`. */
	readonly set?: Readonly<Record<string, number>>;
	/** Seconds in which `set` gets there, in a straight line; at once when omitted. */
	readonly over?: number;
	/** Quantities to give back to nature. */
	readonly release?: readonly string[];
	/** A button pressed, by its name. */
	readonly press?: string;
	/** Seconds that it stays pressed: 0.2 when omitted. */
	readonly for?: number;
	/** A sensor pulled off its wires, by its name; or put back. */
	readonly unplug?: string;
	readonly plug?: string;
	/** The access point goes, or comes back, or is heard with so many dBm: -100..-20. */
	readonly wifi?: "down" | "up" | number;
}

/** What a script acts on. */
export interface Stage {
	readonly clock: Clock;
	readonly world: World;
	press(button: string, milliseconds: number): void;
	plug(sensor: string, plugged: boolean): void;
	wifi(up: boolean): void;
	/** How strongly the access point is heard, in dBm; without it a script may only say `down` and `up`. */
	signal?(strength: number): void;
	/** Names that `press`, `plug` and `unplug` may use. */
	readonly buttons: readonly string[];
	readonly sensors: readonly string[];
}

/** What a script is checked against. */
type Setting = Pick<Stage, "buttons" | "sensors" | "signal">;

const members: readonly string[] = ["at", "set", "over", "release", "press", "for", "unplug", "plug", "wifi"];

/** Checks a script from JSON. Throws TypeError or RangeError that names step and member, such as `script[2].set`. */
export function parseScript(json: unknown, stage: Setting): Step[] {
	if (!Array.isArray(json)) throw new TypeError("script: an array of steps is expected");
	return json.map((step: unknown, index) => {
		const where = `script[${index}]`;
		if (typeof step !== "object" || step === null || Array.isArray(step))
			throw new TypeError(`${where}: an object is expected`);
		try {
			return checkStep(step as Record<string, unknown>, stage);
		} catch (error) {
			(error as Error).message = `${where}.${(error as Error).message}`;
			throw error;
		}
	});
}

function checkStep(step: Record<string, unknown>, stage: Setting): Step {
	const { buttons, sensors } = stage;
	for (const name of Object.keys(step))
		if (!members.includes(name)) throw new TypeError(`${name}: unknown; a step has ${members.join(", ")}`);
	seconds("at", step.at);
	if (step.over !== undefined) seconds("over", step.over);
	if (step.for !== undefined) seconds("for", step.for);
	if (step.set !== undefined) {
		if (typeof step.set !== "object" || step.set === null) throw new TypeError("set: an object is expected");
		for (const [name, value] of Object.entries(step.set)) {
			checkSensor("set", split(name)[0], sensors);
			within("set", () => checkQuantity(split(name)[1]));
			if (typeof value !== "number")
				throw new TypeError(`set: ${name}: a number is expected, not ${JSON.stringify(value)}`);
			within("set", () => checkValue(split(name)[1], value));
		}
	}
	if (step.release !== undefined) {
		if (!Array.isArray(step.release)) throw new TypeError("release: an array of names is expected");
		for (const name of step.release) {
			if (typeof name !== "string") throw new TypeError("release: an array of names is expected");
			checkSensor("release", split(name)[0], sensors);
			within("release", () => checkQuantity(split(name)[1]));
		}
	}
	choice("press", step.press, buttons);
	choice("unplug", step.unplug, sensors);
	choice("plug", step.plug, sensors);
	if (typeof step.wifi === "number" && stage.signal) {
		if (!(step.wifi >= -100 && step.wifi <= -20)) throw new RangeError(`wifi: ${step.wifi} dBm is outside -100..-20`);
	} else choice("wifi", step.wifi, ["down", "up"]);
	return step as unknown as Step;
}

/** Runs the steps at their times; returns what ends it. */
export function runScript(script: readonly Step[], stage: Stage): () => void {
	const { clock } = stage;
	const timers: TimerHandle[] = script.map((step) =>
		clock.set(() => perform(step, stage), step.at * 1000 - clock.now()),
	);
	return () => {
		for (const timer of timers) clock.clear(timer);
	};
}

function perform(step: Step, stage: Stage): void {
	for (const [name, value] of Object.entries(step.set ?? {})) stage.world.ramp(name, value, step.over ?? 0);
	for (const name of step.release ?? []) stage.world.release(name);
	if (step.press !== undefined) stage.press(step.press, (step.for ?? 0.2) * 1000);
	if (step.unplug !== undefined) stage.plug(step.unplug, false);
	if (step.plug !== undefined) stage.plug(step.plug, true);
	if (typeof step.wifi === "number") stage.signal?.(step.wifi);
	else if (step.wifi !== undefined) stage.wifi(step.wifi === "up");
}

function seconds(name: string, value: unknown): void {
	if (typeof value !== "number" || !(value >= 0) || value === Number.POSITIVE_INFINITY)
		throw new RangeError(`${name}: seconds, 0 or more, are expected, not ${JSON.stringify(value)}`);
}

function choice(name: string, value: unknown, names: readonly string[]): void {
	if (value !== undefined && !names.includes(value as string))
		throw new RangeError(`${name}: ${JSON.stringify(value)} is none of ${names.join(", ") || "none"}`);
}

function checkSensor(name: string, sensor: string | undefined, sensors: readonly string[]): void {
	if (sensor !== undefined) choice(name, sensor, sensors);
}

function within(name: string, check: () => void): void {
	try {
		check();
	} catch (error) {
		(error as Error).message = `${name}: ${(error as Error).message}`;
		throw error;
	}
}
