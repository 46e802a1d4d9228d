import type { Clock } from "../../hosts/shared/clock";
import { digitalMode } from "../../hosts/shared/operations/board";
import type {
	AnalogPort,
	Board,
	BoardClock,
	DigitalPort,
	DigitalPortOptions,
	I2CPort,
	I2CPortOptions,
	Port,
	PwmPort,
	StripPort,
	WirePort,
} from "../../hosts/shared/services/board";
import { rough, stream } from "../world/random";
import { hex, I2CBus, type I2CPart } from "./i2c-bus";
import { type BoardEvents, Observers } from "./observers";
import { type Level, Pin, SUPPLY } from "./pin";
import { Wire, type WirePart } from "./wire";

/** The chip and what its board leads out; modules/description has these figures of each board. */
export interface Hardware {
	readonly title: string;
	readonly lastPin: number;
	readonly taken: readonly number[];
	readonly inputOnly: readonly number[];
	readonly analog: readonly number[];
}

/** PWM channels and timers of the chip, I2C controllers. */
const PWM_CHANNELS = 8;
const PWM_TIMERS = 4;
const I2C_CONTROLLERS = 2;
const ADC_MAX = 4095;

interface OpenBus {
	readonly addresses: Set<number>;
	readonly data: number;
	readonly clock: number;
}

/** A board made of numbers: pins, an ADC, PWM, I2C buses, LED strips and data wires, with the limits of the chip. */
export class VirtualBoard implements Board {
	readonly hardware: Hardware;
	/** The parts' time: the node's own while one runs. `delay` makes the node wait. */
	readonly time: BoardClock;
	readonly #clock: Clock;
	readonly #noise: number;
	readonly #observers = new Observers();
	readonly #pins = new Map<number, Pin>();
	readonly #ports = new Set<Port>();
	readonly #buses = new Map<string, I2CBus>();
	readonly #openBuses = new Map<string, OpenBus>();
	readonly #wires = new Map<number, Wire>();
	readonly #strips = new Map<number, (pixels: Uint8Array | undefined) => void>();
	readonly #pwm = new Map<number, string>();
	#node: BoardClock | undefined;

	/** `seed`: of what a pin without connection reads. */
	constructor(options: { hardware: Hardware; clock: Clock; seed: number }) {
		this.hardware = options.hardware;
		this.#clock = options.clock;
		this.#noise = stream(options.seed, "adc");
		this.time = Object.freeze({
			now: () => this.#node?.now() ?? this.#clock.now(),
			delay: (milliseconds: number) => this.#node?.delay(milliseconds),
		});
	}

	/** Calls `listener` at each such event; returns what ends that. */
	on<E extends keyof BoardEvents>(event: E, listener: (event: BoardEvents[E]) => void): () => void {
		return this.#observers.on(event, listener);
	}

	/** For parts: tells the observers. */
	tell<E extends keyof BoardEvents>(event: E, make: () => BoardEvents[E]): void {
		if (this.#observers.has(event)) this.#observers.tell(event, make());
	}

	/** The pin's wire, for parts to hang on. Throws RangeError when the chip has no such pin. */
	pin(number: number): Pin {
		let pin = this.#pins.get(number);
		if (!pin) {
			const { lastPin, inputOnly } = this.hardware;
			if (!Number.isInteger(number) || number < 0 || number > lastPin)
				throw new RangeError(`GPIO ${number} does not exist: this board has 0..${lastPin}`);
			pin = new Pin(number, !inputOnly.includes(number), () =>
				this.warn(`GPIO ${number} is driven from both sides: a short circuit`),
			);
			pin.onChange(({ level, duty }) => this.tell("pin", () => ({ pin: number, level, duty })));
			this.#pins.set(number, pin);
		}
		return pin;
	}

	/** Puts a part on the bus of these two pins. Throws when the address is taken. */
	attachI2C(data: number, clock: number, address: number, part: I2CPart): I2CBus {
		const bus = this.#bus(data, clock);
		bus.attach(address, part);
		return bus;
	}

	/** Puts a part on a data wire. */
	attachWire(pin: number, part: WirePart): Wire {
		const wire = this.#wire(pin);
		wire.attach(part);
		return wire;
	}

	/** Puts LEDs on a pin: `show` gets their bytes, and `undefined` when the firmware has let go of them. */
	attachStrip(pin: number, show: (pixels: Uint8Array | undefined) => void): void {
		this.#strips.set(this.pin(pin).number, show);
	}

	/** Joins two pins by a wire: the level of `from` drives `to` while `from` is an output. Returns what takes the wire away. */
	wire(from: number, to: number): () => void {
		const [source, sink] = [this.pin(from), this.pin(to)];
		const pass = () => sink.drive(source.output ? source.level : undefined);
		const end = source.onChange(pass);
		pass();
		return () => {
			end();
			sink.drive(undefined);
		};
	}

	warn(text: string): void {
		this.tell("warning", () => text);
	}

	/** Levels, duties and uses of all pins that something is connected to or open on. */
	pins(): { pin: number; level: Level; duty: number; owner: string | undefined }[] {
		return [...this.#pins.values()]
			.sort((a, b) => a.number - b.number)
			.map(({ number, level, duty, owner }) => ({ pin: number, level, duty, owner }));
	}

	boot(clock: BoardClock): void {
		for (const port of this.#ports) port.close();
		this.#node = clock;
	}

	openDigital(options: DigitalPortOptions): DigitalPort {
		const { bank, mode, rises, falls } = options;
		const output = mode >= digitalMode.output;
		const numbers: number[] = [];
		for (let bit = 0; bit < 32; bit++) if ((options.pins >>> bit) & 1) numbers.push(bank * 32 + bit);
		for (const number of numbers) this.#check(number, output);
		const pins = numbers.map((number) => this.#take(number, "Digital"));
		const ends: (() => void)[] = [];
		for (const pin of pins) {
			const bit = pin.number & 31;
			if (!output && mode !== digitalMode.input && this.hardware.inputOnly.includes(pin.number))
				this.warn(`GPIO ${pin.number} has no pull resistors: it needs one outside`);
			pin.configure(mode, ((options.initialValue >>> bit) & 1) as Level);
		}
		// Listening begins once all is set up: what setting up changes is no edge.
		for (const pin of pins) {
			const mask = (1 << (pin.number & 31)) >>> 0;
			if (!((rises | falls) & mask)) continue;
			ends.push(
				pin.onChange((pin, edge) => {
					if (edge && (pin.level ? rises : falls) & mask) options.onTrigger?.(mask);
				}),
			);
		}
		return this.#port({
			read: () => {
				let value = 0;
				for (const pin of pins) value |= pin.level << (pin.number & 31);
				return value >>> 0;
			},
			write: (value: number) => {
				for (const pin of pins) pin.write(((value >>> (pin.number & 31)) & 1) as Level);
			},
			close: () => {
				for (const end of ends) end();
				for (const pin of pins) this.#release(pin);
			},
		});
	}

	openAnalog(number: number): AnalogPort {
		this.#check(number, false);
		if (!this.hardware.analog.includes(number))
			throw new Error(`GPIO ${number} has no analog input: use ${this.hardware.analog.join(", ")}`);
		const pin = this.#take(number, "Analog");
		return this.#port({
			read: () => {
				const volts = pin.volts;
				if (volts === undefined) return Math.round(400 + 380 * rough(this.#noise ^ number, this.time.now(), 1));
				return Math.min(ADC_MAX, Math.round((volts / SUPPLY) * ADC_MAX));
			},
			close: () => this.#release(pin),
		});
	}

	openPwm(number: number, hz: number, resolution: number): PwmPort {
		this.#check(number, true);
		if (this.#pwm.size >= PWM_CHANNELS) throw new Error(`PWM: all ${PWM_CHANNELS} channels are in use`);
		const timer = `${hz} Hz, ${resolution} bits`;
		const timers = new Set(this.#pwm.values());
		if (!timers.has(timer) && timers.size >= PWM_TIMERS)
			throw new Error(`PWM: all ${PWM_TIMERS} timers are in use with other frequencies or resolutions`);
		const pin = this.#take(number, "PWM");
		const max = 2 ** resolution - 1;
		this.#pwm.set(number, timer);
		pin.modulate(0);
		return this.#port({
			write: (value: number) => pin.modulate(value / max),
			close: () => {
				this.#pwm.delete(number);
				this.#release(pin);
			},
		});
	}

	openI2C({ data, clock, address }: I2CPortOptions): I2CPort {
		const key = `${data},${clock}`;
		let open = this.#openBuses.get(key);
		if (open?.addresses.has(address)) throw new Error(`I2C: address ${hex(address)} is in use`);
		if (!open) {
			this.#check(data, true);
			this.#check(clock, true);
			if (this.#openBuses.size >= I2C_CONTROLLERS)
				throw new Error(`I2C: all ${I2C_CONTROLLERS} controllers are in use`);
			this.#take(data, "I2C");
			this.#take(clock, "I2C");
			open = { addresses: new Set(), data, clock };
			this.#openBuses.set(key, open);
		}
		const { addresses } = open;
		addresses.add(address);
		const bus = this.#bus(data, clock);
		return this.#port({
			read: (byteLength: number, stop: boolean) => bus.read(address, byteLength, stop),
			write: (bytes: Uint8Array, stop: boolean) => bus.write(address, bytes, stop),
			close: () => {
				addresses.delete(address);
				if (addresses.size > 0) return;
				this.#openBuses.delete(key);
				this.#release(this.pin(data));
				this.#release(this.pin(clock));
			},
		});
	}

	openStrip(number: number, length: number): StripPort {
		this.#check(number, true);
		const pin = this.#take(number, "LightStrip");
		pin.configure(digitalMode.output, 0);
		const show = this.#strips.get(number);
		return this.#port({
			write: (bytes: Uint8Array) => {
				const pixels = bytes.slice(0, length * 3);
				show?.(pixels);
				this.tell("strip", () => ({ pin: number, pixels }));
			},
			close: () => {
				show?.(undefined);
				this.#release(pin);
			},
		});
	}

	openWire(number: number): WirePort {
		const pin = this.pin(number);
		if (pin.owner !== "PulseWire") {
			this.#check(number, true);
			this.#take(number, "PulseWire");
			pin.resistor(1);
		}
		const wire = this.#wire(number);
		wire.users++;
		return this.#port({
			exchange: (low: number, count: number) => wire.exchange(low, count),
			reset: () => wire.reset(),
			bit: (value: Level) => wire.bit(value),
			close: () => {
				if (--wire.users === 0) this.#release(pin);
			},
		});
	}

	/** Registers a port so that `boot` can close it; closing twice does no harm. */
	#port<P extends Port>(port: P): P {
		const { close } = port;
		let open = true;
		port.close = () => {
			if (!open) return;
			open = false;
			this.#ports.delete(port);
			close();
		};
		this.#ports.add(port);
		return port;
	}

	#check(number: number, output: boolean): void {
		const pin = this.pin(number);
		const { taken, inputOnly, title } = this.hardware;
		if (taken.includes(number)) throw new Error(`GPIO ${number} cannot be used on ${title}`);
		if (output && inputOnly.includes(number)) throw new Error(`GPIO ${number} is an input only`);
		if (pin.owner) throw new Error(`GPIO ${number} is in use by ${pin.owner}`);
	}

	#take(number: number, owner: string): Pin {
		const pin = this.pin(number);
		pin.owner = owner;
		return pin;
	}

	#release(pin: Pin): void {
		pin.owner = undefined;
		pin.configure(undefined);
	}

	#bus(data: number, clock: number): I2CBus {
		const key = `${data},${clock}`;
		let bus = this.#buses.get(key);
		if (!bus) {
			bus = new I2CBus();
			bus.onTransfer = (transfer) => this.tell("i2c", () => transfer);
			this.#buses.set(key, bus);
		}
		return bus;
	}

	#wire(number: number): Wire {
		let wire = this.#wires.get(this.pin(number).number);
		if (!wire) {
			wire = new Wire();
			this.#wires.set(number, wire);
		}
		return wire;
	}
}
