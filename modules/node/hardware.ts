import type { Device } from "embedded:provider/builtin";
import type { NodeDescription } from "../description/description";
import { gpioOf } from "../description/pins";
import { PushButton } from "../driver/push-button/push-button";
import { Animator } from "../light/animator";
import { Light } from "../light/light";
import { openLightOutput } from "../light/light-output";
import { type Log, messageOf } from "../log/log";
import { Relay } from "../relay/relay";
import { Saver } from "../storage/saver";

export type ButtonEvent = "press" | "release" | "hold";

export interface HardwareOptions {
	device: Device;
	description: NodeDescription;
	log: Log;
	owner: HardwareOwner;
}

export interface HardwareOwner {
	buttonChanged(name: string, event: ButtonEvent): void;
}

/** What a button's callbacks find in `this.target`: functions shared by all buttons take nothing of the heap. */
interface ButtonTarget {
	readonly name: string;
	readonly owner: HardwareOwner;
}

const onPress = function (this: PushButton): void {
	tell(this, "press");
};
const onRelease = function (this: PushButton): void {
	tell(this, "release");
};
const onHold = function (this: PushButton): void {
	tell(this, "hold");
};

function tell(button: PushButton, event: ButtonEvent): void {
	const { name, owner } = button.target as ButtonTarget;
	owner.buttonChanged(name, event);
}

/**
 * The lights, relays and buttons that node.ts names, made from the host's IO. What the host cannot make is said on the
 * log and left out: the others go on.
 */
export class Hardware {
	readonly lights: Light[] = [];
	readonly relays: Relay[] = [];
	readonly #buttons: PushButton[] = [];
	readonly #animator = new Animator();
	readonly #options: HardwareOptions;
	#lightSaver: Saver | undefined;
	#relaySaver: Saver | undefined;

	constructor(options: HardwareOptions) {
		this.#options = options;
		const { relays, lights, buttons } = options.description;
		this.#each("relays", relays, (name, relay) => {
			const { Digital } = options.device.io;
			const activeLow = relay.activeLow ?? false;
			if (relay.boot === "restore") this.#relaySaver ??= this.#saver("relay");
			const digital = new Digital({
				pin: this.#pin(relay.pin),
				mode: Digital.Output,
				initialValue: activeLow ? 1 : 0,
			});
			digital.write(activeLow ? 1 : 0);
			const saver = relay.boot === "restore" ? this.#relaySaver : undefined;
			this.relays.push(new Relay({ name, digital, activeLow, saver }));
		});
		this.#each("lights", lights, (name, light) => {
			if (light.boot === "restore") this.#lightSaver ??= this.#saver("led");
			const output = openLightOutput(options.device, options.description.board, light);
			const saver = light.boot === "restore" ? this.#lightSaver : undefined;
			this.lights.push(
				new Light({ name, kind: light.kind, output, animator: this.#animator, log: options.log, saver }),
			);
		});
		this.#each("buttons", buttons, (name, button) => {
			const { Digital } = options.device.io;
			const { pull = "up", activeLow, debounce, hold } = button;
			this.#buttons.push(
				new PushButton({
					io: Digital,
					pin: this.#pin(button.pin),
					mode: pull === "up" ? Digital.InputPullUp : pull === "down" ? Digital.InputPullDown : Digital.Input,
					activeLow,
					debounce,
					hold,
					target: { name, owner: options.owner } satisfies ButtonTarget,
					onPress,
					onRelease,
					onHold,
				}),
			);
		});
	}

	/** Writes to flash what waits to be written. */
	save(): void {
		this.#lightSaver?.flush();
		this.#relaySaver?.flush();
	}

	/** Ends timers and buttons. Lights and relays are closed by who gives them their orders. */
	close(): void {
		this.#animator.close();
		this.#lightSaver?.close();
		this.#relaySaver?.close();
		for (const button of this.#buttons) button.close();
	}

	#each<T>(kind: string, things: Readonly<Record<string, T>>, make: (name: string, thing: T) => void): void {
		for (const name of Object.keys(things)) {
			try {
				make(name, things[name] as T);
			} catch (error) {
				this.#options.log.error(`${kind}.${name}: ${messageOf(error)}`);
			}
		}
	}

	#saver(path: string): Saver {
		return new Saver({ storage: this.#options.device.keyValue, path, log: this.#options.log });
	}

	#pin(pin: number | string): number {
		const gpio = gpioOf(this.#options.description.board, pin) ?? this.#options.device.pin[pin];
		if (gpio === undefined) throw new Error(`pin "${pin}" is unknown`);
		return gpio;
	}
}
