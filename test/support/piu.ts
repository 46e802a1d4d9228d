/** Stands for the modules that the SDK's simulator gives its panels, so that a panel runs in Node: contents without a picture. */

interface Dictionary {
	[member: string]: unknown;
	contents?: readonly Content[];
	Behavior?: new () => object;
}

class Content {
	[member: string]: unknown;
	readonly contents: readonly Content[];
	readonly behavior: Record<string, unknown> | undefined;
	container: Content | undefined;
	state = 0;

	constructor(data: unknown, { contents = [], Behavior, ...members }: Dictionary = {}) {
		Object.assign(this, members);
		this.contents = contents;
		for (const content of contents) content.container = this;
		this.behavior = Behavior && (new Behavior() as Record<string, unknown>);
		this.delegate("onCreate", data, members);
	}

	static template(make: (data: unknown) => Dictionary): new (data: unknown) => Content {
		return class extends Content {
			constructor(data: unknown) {
				super(data, make(data));
			}
		};
	}

	/** Returns what the behavior's method returned. */
	delegate(event: string, ...values: unknown[]): unknown {
		const method = this.behavior?.[event];
		return typeof method === "function" ? method.call(this.behavior, this, ...values) : undefined;
	}

	distribute(event: string, ...values: unknown[]): void {
		this.delegate(event, ...values);
		for (const content of this.contents) content.distribute(event, ...values);
	}

	bubble(event: string, ...values: unknown[]): void {
		if (this.delegate(event, ...values) !== true) this.container?.bubble(event, ...values);
	}

	start(): void {}
	stop(): void {}
	captureTouch(): void {}
}

export {
	Content,
	Content as Label,
	Content as Container,
	Content as Column,
	Content as Row,
	Content as RoundContent,
	Content as DeviceContainer,
	Content as DeviceScreen,
	Content as ControlsColumn,
};
export class Behavior {}

export class Skin {
	readonly fill: unknown;
	constructor({ fill }: { fill?: unknown }) {
		this.fill = fill;
	}
}
export class Style {}

export class DeviceBehavior {
	onCreate(): void {}
	postMessage(_container: Content, message: string): void {
		(globalThis as unknown as { posted: string[] }).posted.push(message);
	}
}

/** A row: what it was made with. */
class ControlRow extends Content {
	constructor(data: object) {
		super(data, { data });
	}
}

export { ControlRow as ButtonsRow, ControlRow as LogSliderRow, ControlRow as SliderRow, ControlRow as SwitchRow };
