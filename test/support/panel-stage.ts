import { build } from "esbuild";
import type { PanelNews } from "../../hosts/moddable/panel/protocol";
import { root } from "../../tools/root";

/** A content of `test/support/piu.ts`. */
export interface PanelContent {
	readonly contents: readonly PanelContent[];
	readonly behavior: Record<string, unknown> | undefined;
	readonly data?: Record<string, unknown>;
	readonly name?: string;
	readonly string?: string;
	readonly state: number;
	readonly skin?: { readonly fill: unknown };
	delegate(event: string, ...values: unknown[]): unknown;
}

interface Control {
	readonly next: { string: string };
	readonly behavior: { data: { value: boolean | number }; onDataChanged(): void };
}

/** A panel in Node: a simulator around it that writes down what it is asked for. */
export class PanelStage {
	/** To the machine. */
	readonly posted: string[] = [];
	/** Asked of the simulator's application. */
	readonly asked: string[] = [];
	/** What lies in the inbox; undefined: nothing. */
	inbox: string | undefined;
	running = true;
	readonly device: PanelContent;
	/** Beside the board, from above: what they were made with. */
	readonly rows: readonly Record<string, unknown>[];

	private constructor(Simulator: { ControlsTemplate: never; DeviceTemplate: never }) {
		const stage = this;
		Object.assign(globalThis, {
			posted: this.posted,
			application: {
				behavior: {
					SCREEN: {
						get running() {
							return stage.running;
						},
					},
				},
				defer: (method: string) => void this.asked.push(method),
			},
			system: {
				localDirectory: "own",
				fileExists: () => this.inbox !== undefined,
				readFileString: () => this.inbox,
				deleteFile: () => {
					this.inbox = undefined;
				},
			},
		});
		const make = (Template: unknown) => new (Template as new (data: unknown) => PanelContent)({});
		this.device = make(Simulator.DeviceTemplate);
		this.rows = make(Simulator.ControlsTemplate).contents.map(({ data }) => buttonOf(data!) ?? data!);
		for (const { name, kind, value } of this.rows) {
			if (kind === "button") continue;
			const control: Control = {
				next: { string: "" },
				behavior: { data: { value: value as number }, onDataChanged() {} },
			};
			this.device.behavior![name as string] = control;
		}
		this.device.delegate("onDisplaying");
	}

	/** The panel that was generated from node.ts. */
	static async open(): Promise<PanelStage> {
		const stand = `${root}/test/support/piu.ts`;
		const alias = { "piu/All": stand, "piu/PC": stand, ControlsPane: stand, DevicePane: stand };
		const { outputFiles } = await build({
			entryPoints: [`${root}/hosts/generated/panel.ts`],
			bundle: true,
			write: false,
			format: "esm",
			target: "es2022",
			alias,
			tsconfig: `${root}/tsconfig.json`,
		});
		const code = Buffer.from(outputFiles[0]!.contents).toString("base64");
		const { default: simulator } = await import(`data:text/javascript;base64,${code}`);
		return new PanelStage(simulator);
	}

	/** Launches the machine, as the simulator does. */
	launch(): void {
		this.running = true;
		this.device.delegate("onLaunch");
	}

	/** Lets so many ms pass, and returns what went to the machine. */
	pass(milliseconds: number): string[] {
		for (let passed = 0; passed < milliseconds; passed += 50) this.device.delegate("onTimeChanged");
		return this.take();
	}

	/** What went to the machine since the last time. */
	take(): string[] {
		return this.posted.splice(0);
	}

	hears(news: PanelNews): void {
		this.device.delegate("onMessage", JSON.stringify(news));
	}

	says(message: string): void {
		this.device.delegate("onMessage", message);
	}

	/** Does what the row's control does, with its value. */
	act(row: string, value?: unknown, event = "event"): void {
		const data = this.rows.find((found) => found["row"] === row)!;
		const made = { ...data, ...(value !== undefined && { value }) } as Record<string, unknown>;
		this.device.delegate(String(data[event]), made);
	}

	/** What a row shows. */
	control(row: string): Control {
		return this.device.behavior![`row ${row}`] as Control;
	}

	/** All contents of the picture. */
	*picture(content: PanelContent = this.device): Generator<PanelContent> {
		yield content;
		for (const inner of content.contents) yield* this.picture(inner);
	}
}

/** In a row of buttons the button has what a control has in others. */
function buttonOf({ buttons }: Record<string, unknown>): Record<string, unknown> | undefined {
	return (buttons as Record<string, unknown>[] | undefined)?.[0];
}
