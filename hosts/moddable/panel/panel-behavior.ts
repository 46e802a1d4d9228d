import type { Control } from "ControlsPane";
import { DeviceBehavior } from "DevicePane";
import type { Container } from "piu/All";
import { controlName } from "./controls";
import { Inbox } from "./inbox";
import type { PanelData } from "./panel-data";
import { HELLO, ORDER, type PanelNews, type PartNews, SHUTDOWN } from "./protocol";
import type { RowSpec, SliderSpec } from "./rows";
import { simulator } from "./simulator";

/** ms between two looks at what is to be done. */
const TICK = 50;
/** Ticks between two orders of a slider that moves, and between two attempts to reach a machine. */
const MOVING = 4;
const ASKING = 20;
/** Ticks for which a slider stays where it was put: what the machine still says of it is older. */
const SETTLING = 10;

type Event = Readonly<Record<string, unknown>>;
type Power = "on" | "off" | "fault";

/** What the panel does: orders from its rows go to the machine, and news from there to the rows and the board's picture. */
export function panelBehavior(data: PanelData, rows: readonly RowSpec[]): new () => DeviceBehavior {
	const sliders = new Map(
		rows
			.filter((row): row is SliderSpec => row.kind === "slider" || row.kind === "logarithmic")
			.map((row) => [row.name, row]),
	);

	const darkness = darknessOf(data);

	return class PanelBehavior extends DeviceBehavior {
		private readonly inbox = new Inbox();
		private power: Power = "off";
		private known = false;
		private ticks = 0;
		/** Ticks until the machine is launched again; undefined: it is not waited for. */
		private rebooting: number | undefined;
		/** Orders of a slider that moves; the latest counts. */
		private readonly moving = new Map<string, string>();
		/** By slider, the tick from which it follows the machine again. */
		private readonly settled = new Map<string, number>();

		onDisplaying(container: Container): void {
			container.interval = TICK;
			container.start();
		}

		/** The machine was launched. */
		onLaunch(container: Container): void {
			this.known = false;
			this.setPower(container, simulator.running() ? "on" : "off");
			this.ask(container);
		}

		onTimeChanged(container: Container): void {
			this.ticks++;
			for (const line of this.inbox.read()) this.obey(container, line);
			if (this.ticks % MOVING === 0) {
				for (const order of this.moving.values()) this.order(container, order);
				this.moving.clear();
			}
			if (!this.known && this.ticks % ASKING === 0) this.ask(container);
			if (this.rebooting !== undefined && this.ticks >= this.rebooting) {
				this.rebooting = undefined;
				simulator.launch();
			}
		}

		/** From the machine. */
		onMessage(container: Container, message: string): void {
			const [word, number] = message.split(" ");
			if (word === "exit") simulator.quit();
			else if (word === "off") this.cut(container);
			else if (word === "restart") {
				this.cut(container);
				this.rebooting = this.ticks + Number(number) / TICK;
			} else if (message.startsWith("{")) this.hear(container, JSON.parse(message) as PanelNews);
		}

		/** It gave up, and said on the console why. Nothing of it is left; the reset button starts it anew. */
		onAbort(container: Container, _status: number, reason: string): boolean {
			this.setPower(container, "fault");
			container.distribute("onNews", { log: reason });
			simulator.stop();
			return true;
		}

		onPowerSwitch(container: Container, { value }: Event): void {
			this.obey(container, `power ${value ? "on" : "off"}`);
		}

		onReset(container: Container): void {
			this.obey(container, this.power === "on" ? "reset" : "power on");
		}

		onWiFiSwitch(container: Container, { value }: Event): void {
			this.order(container, `wifi ${value ? "up" : "down"}`);
		}

		onSignal(container: Container, { row, value }: Event): void {
			this.settle(row);
			this.order(container, `wifi ${value}`);
		}

		onButtonDown(container: Container, { button, name }: Event): void {
			this.order(container, `hold ${button ?? name}`);
		}

		onButtonUp(container: Container, { button, name }: Event): void {
			this.order(container, `lift ${button ?? name}`);
		}

		onPlugSwitch(container: Container, { sensor, value }: Event): void {
			this.order(container, `${value ? "plug" : "unplug"} ${sensor}`);
		}

		onQuantityMoves(_container: Container, { row, value }: Event): void {
			this.settle(row);
			this.moving.set(String(row), `set ${row} ${value}`);
		}

		onQuantity(container: Container, { row, value }: Event): void {
			this.moving.delete(String(row));
			this.settle(row);
			this.order(container, `set ${row} ${value}`);
		}

		onRelease(container: Container): void {
			for (const { name, quantities } of data.sensors)
				for (const quantity of quantities) this.order(container, `release ${name}/${quantity.name}`);
		}

		private settle(row: unknown): void {
			this.settled.set(String(row), this.ticks + SETTLING);
		}

		/** What the machine cannot do for itself is done here. */
		private obey(container: Container, line: string): void {
			if (line === SHUTDOWN) {
				if (this.power === "on") this.postMessage(container, SHUTDOWN);
				else simulator.quit();
			} else if (this.power !== "on" && (line === "power on" || line === "reset")) {
				this.rebooting = undefined;
				simulator.launch();
			} else this.order(container, line);
		}

		private order(container: Container, line: string): void {
			if (this.power === "on") this.postMessage(container, `${ORDER}${line}`);
		}

		private ask(container: Container): void {
			if (this.power === "on") this.postMessage(container, HELLO);
		}

		private cut(container: Container): void {
			this.setPower(container, "off");
			simulator.stop();
		}

		private setPower(container: Container, power: Power): void {
			this.power = power;
			container.distribute("onPower", power);
			this.show("power", power === "on");
			// Without power nothing is lit.
			if (power !== "on") container.distribute("onNews", { parts: darkness });
		}

		private hear(container: Container, news: PanelNews): void {
			this.known = true;
			container.distribute("onNews", news);
			if (news.wifi) {
				this.show("wifi", news.wifi.up);
				// What is heard varies around what was set: a slider that was touched stays.
				if (news.wifi.signal !== undefined && !this.settled.has("signal")) this.show("signal", news.wifi.signal);
			}
			for (const [path, part] of Object.entries(news.parts ?? {})) {
				if (!("plugged" in part)) continue;
				this.show(path, part.plugged);
				const sensor = path.slice(path.indexOf("/") + 1);
				for (const [quantity, value] of Object.entries(part.values)) this.show(`${sensor}/${quantity}`, value);
			}
		}

		/** Moves a switch or a slider to where the machine is. */
		private show(name: string, value: boolean | number): void {
			const control = (this as unknown as Record<string, Control | undefined>)[controlName(name)];
			if (!control || (this.settled.get(name) ?? 0) > this.ticks) return;
			const { behavior } = control;
			const row = sliders.get(name);
			if (row && typeof value === "number") {
				behavior.data.value = Math.min(row.max, Math.max(row.min, value));
				behavior.onDataChanged(control);
				control.next.string = `${value.toFixed(row.decimals)} ${row.unit}`;
			} else if (behavior.data.value !== value) {
				behavior.data.value = value;
				behavior.onDataChanged(control);
			}
		}
	};
}

/** How everything looks without power. */
function darknessOf({ lights, relays, buttons }: PanelData): Record<string, PartNews> {
	const parts: Record<string, PartNews> = {};
	for (const { name, length } of lights)
		parts[`led/${name}`] = length === undefined ? { brightness: 0 } : { pixels: "000000".repeat(length) };
	for (const { name } of relays) parts[`relay/${name}`] = { on: false };
	for (const { name } of buttons) parts[`button/${name}`] = { pressed: false };
	return parts;
}
