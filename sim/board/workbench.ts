import type { Clock } from "../../hosts/shared/clock";
import { boardTable } from "../../modules/description/boards";
import type { LightDescription, NodeDescription, SensorDescription } from "../../modules/description/description";
import { driverTable } from "../../modules/description/drivers";
import { gpioOf } from "../../modules/description/pins";
import { AHTPart } from "../parts/aht";
import { BH1750Part } from "../parts/bh1750";
import { BoschPart } from "../parts/bosch";
import { Button } from "../parts/button";
import { DHT22Part } from "../parts/dht22";
import { DS18B20Part } from "../parts/ds18b20";
import { photoresistor } from "../parts/photoresistor";
import { SHT3xPart } from "../parts/sht3x";
import type { Surroundings } from "../parts/surroundings";
import { TMP117Part } from "../parts/tmp117";
import { stream } from "../world/random";
import type { World } from "../world/world";
import type { I2CPart } from "./i2c-bus";
import type { PartState } from "./observers";
import { VirtualBoard } from "./virtual-board";
import type { WirePart } from "./wire";

export interface WorkbenchOptions {
	readonly clock: Clock;
	readonly world: World;
	/** Of bouncing contacts, pins without connection, and serial numbers. */
	readonly seed: number;
}

/** Quantities of the world that a driver's part measures. */
const measured: Readonly<Record<string, string>> = {
	"thermometer.temperature": "temperature",
	"hygrometer.humidity": "humidity",
	"barometer.pressure": "pressure",
	"lightmeter.illuminance": "light",
};

/** How to make the parts on I2C, by the driver's name. */
const i2cParts: Readonly<Record<string, (around: Surroundings) => I2CPart>> = {
	SHT3x: (around) => new SHT3xPart(around),
	AHT10: (around) => new AHTPart(around),
	BMP280: (around) => new BoschPart(around, "BMP280"),
	BME280: (around) => new BoschPart(around, "BME280"),
	TMP117: (around) => new TMP117Part(around),
	BH1750: (around) => new BH1750Part(around),
};

/** Parts on a data wire. */
const wireParts: Readonly<Record<string, (around: Surroundings, serial: string) => WirePart>> = {
	DHT22: (around) => new DHT22Part(around),
	DS18B20: (around, serial) => new DS18B20Part(around, serial),
};

interface SensorOnBoard {
	plugged: boolean;
	plug(plugged: boolean): void;
	state(): PartState;
}

/** A virtual board with all that a node's description hangs on it, wired as the documentation's table says. */
export class Workbench {
	readonly board: VirtualBoard;
	/** Names in node.ts. */
	readonly buttons: readonly string[];
	readonly sensors: readonly string[];
	readonly #description: NodeDescription;
	readonly #options: WorkbenchOptions;
	readonly #buttons = new Map<string, Button>();
	readonly #sensors = new Map<string, SensorOnBoard>();
	readonly #states = new Map<string, () => PartState>();

	/** Throws when the description names a board, pin, bus or driver that does not exist. */
	constructor(description: NodeDescription, options: WorkbenchOptions) {
		const { clock, seed } = options;
		const hardware = boardTable[description.board];
		if (!hardware) throw new RangeError(`board "${description.board}" is unknown`);
		this.#description = description;
		this.#options = options;
		this.board = new VirtualBoard({ hardware, clock, seed });
		for (const [name, light] of Object.entries(description.lights)) this.#light(name, light);
		for (const [name, relay] of Object.entries(description.relays))
			this.#output(`relay/${name}`, relay.pin, relay.activeLow ?? false, (pin, active) => ({
				name: `relay/${name}`,
				kind: "relay",
				pin,
				on: active >= 0.5,
			}));
		for (const [name, button] of Object.entries(description.buttons)) this.#button(name, button);
		for (const [name, sensor] of Object.entries(description.sensors)) this.#sensor(name, sensor);
		this.buttons = [...this.#buttons.keys()];
		this.sensors = [...this.#sensors.keys()];
	}

	/** Presses a button for so long, or until `release`. Throws RangeError for an unknown name. */
	press(button: string, milliseconds?: number): void {
		this.#named(this.#buttons, "button", button).press(milliseconds);
	}

	release(button: string): void {
		this.#named(this.#buttons, "button", button).release();
	}

	/** Pulls a sensor off its wires (false), or puts it back. Throws RangeError for an unknown name. */
	plug(sensor: string, plugged: boolean): void {
		const part = this.#named(this.#sensors, "sensor", sensor);
		if (part.plugged === plugged) return;
		part.plugged = plugged;
		part.plug(plugged);
		this.#tell(`sensor/${sensor}`);
	}

	/** How everything looks now, by name: `led/onboard`, `relay/fan`, `button/boot`, `sensor/climate`. */
	parts(): Record<string, PartState> {
		return Object.fromEntries([...this.#states].map(([name, state]) => [name, state()]));
	}

	/** Parts and pins: all that a panel shows. */
	snapshot(): { parts: Record<string, PartState>; pins: ReturnType<VirtualBoard["pins"]> } {
		return { parts: this.parts(), pins: this.board.pins() };
	}

	/** Ends the parts' timers. */
	close(): void {
		for (const button of this.#buttons.values()) button.close();
	}

	#light(name: string, light: LightDescription): void {
		const path = `led/${name}`;
		if (light.kind !== "rgb") {
			this.#output(path, light.pin, light.activeLow ?? false, (pin, brightness) => ({
				name: path,
				kind: "led",
				pin,
				brightness,
			}));
			return;
		}
		const pin = this.#gpio(light.pin);
		const dark = new Uint8Array(light.length * 3);
		let pixels: Uint8Array = dark;
		this.#states.set(path, () => ({ name: path, kind: "strip", pin, pixels }));
		this.board.attachStrip(pin, (bytes) => {
			// LEDs keep their colour until they are told another, also when the node restarts.
			if (!bytes) return;
			pixels = bytes;
			this.#tell(path);
		});
	}

	/** A load on an output, which follows the share of the time that the pin is active. */
	#output(
		path: string,
		pin: number | string,
		activeLow: boolean,
		state: (pin: number, active: number) => PartState,
	): void {
		const wire = this.board.pin(this.#gpio(pin));
		// A pin that nobody drives lights nothing: a resistor outside holds it inactive.
		wire.resistor(activeLow ? 1 : 0);
		this.#states.set(path, () => state(wire.number, activeLow ? 1 - wire.duty : wire.duty));
		wire.onChange(() => this.#tell(path));
	}

	#button(name: string, description: NodeDescription["buttons"][string]): void {
		const { pull = "up" } = description;
		const pin = this.board.pin(this.#gpio(description.pin));
		const path = `button/${name}`;
		const button = new Button({
			clock: this.#options.clock,
			pin,
			activeLow: description.activeLow ?? pull !== "down",
			resistor: pull === "none",
			seed: stream(this.#options.seed, path),
			onChange: () => this.#tell(path),
		});
		this.#buttons.set(name, button);
		this.#states.set(path, () => ({ name: path, kind: "button", pin: pin.number, pressed: button.pressed }));
	}

	#sensor(name: string, sensor: SensorDescription): void {
		const { driver } = sensor;
		const known = driverTable[driver];
		if (!known) throw new RangeError(`driver "${driver}" is unknown`);
		const around: Surroundings = {
			time: this.board.time,
			measure: (quantity) => this.#options.world.value(quantity, name),
		};
		const plug = this.#connect(name, sensor, around);
		if (!plug) return;
		const path = `sensor/${name}`;
		const quantities = known.quantities.map((quantity) => measured[quantity]!);
		const part: SensorOnBoard = {
			plugged: true,
			plug,
			state: () => ({
				name: path,
				kind: "sensor",
				driver,
				plugged: part.plugged,
				values: Object.fromEntries(quantities.map((quantity) => [quantity, around.measure(quantity)])),
			}),
		};
		this.#sensors.set(name, part);
		this.#states.set(path, part.state);
	}

	/** Wires a part; returns what plugs it, or `undefined` when there is none: the node reads itself. */
	#connect(name: string, sensor: SensorDescription, around: Surroundings): ((plugged: boolean) => void) | undefined {
		const { driver } = sensor;
		const { connection, addresses } = driverTable[driver]!;
		if (connection === "none") return undefined;
		if (connection === "i2c") {
			const make = i2cParts[driver];
			const { data, clock } = boardTable[this.#description.board]!.i2c.default;
			const address = ("address" in sensor ? sensor.address : undefined) ?? addresses![0]!;
			if (!make) throw new RangeError(`sensor "${name}": the simulator has no part for driver "${driver}"`);
			const bus = this.board.attachI2C(data, clock, address, make(around));
			return (plugged) => bus.plug(address, plugged);
		}
		if (!("pin" in sensor)) throw new TypeError(`sensor "${name}": pin is missing`);
		const pin = this.#gpio(sensor.pin);
		if (connection === "analog") {
			const wire = this.board.pin(pin);
			const volts = photoresistor(around, ("resistor" in sensor ? sensor.resistor : undefined) ?? 10_000);
			wire.connect(volts);
			return (plugged) => wire.connect(plugged ? volts : undefined);
		}
		const make = wireParts[driver];
		if (!make) throw new RangeError(`sensor "${name}": the simulator has no part for driver "${driver}"`);
		const part = make(around, `${this.#options.seed}/${name}`);
		const wire = this.board.attachWire(pin, part);
		return (plugged) => wire.plug(part, plugged);
	}

	#gpio(pin: number | string): number {
		const gpio = gpioOf(this.#description.board, pin);
		if (gpio === undefined) throw new RangeError(`board ${this.#description.board} has no pin "${pin}"`);
		return gpio;
	}

	#named<T>(map: ReadonlyMap<string, T>, kind: string, name: string): T {
		const found = map.get(name);
		if (!found) throw new RangeError(`${kind} "${name}" is unknown: there is ${[...map.keys()].join(", ") || "none"}`);
		return found;
	}

	#tell(path: string): void {
		const state = this.#states.get(path);
		if (state) this.board.tell("part", state);
	}
}
