// What the panel takes of the SDK's simulator (Piu): the SDK has no typings for it.

declare module "piu/All" {
	export interface Coordinates {
		left?: number;
		right?: number;
		top?: number;
		bottom?: number;
		width?: number;
		height?: number;
	}
	export interface Dictionary extends Coordinates {
		active?: boolean;
		Behavior?: new () => Behavior;
		contents?: readonly Content[];
		skin?: Skin;
		state?: number;
		style?: Style;
		string?: string;
		visible?: boolean;
	}
	export class Skin {
		constructor(options: { fill?: string | readonly string[]; stroke?: string | readonly string[] });
	}
	export class Style {
		constructor(options: { font?: string; color?: string | readonly string[]; horizontal?: string; left?: number });
	}
	/** Piu calls its methods by name, with the content first. */
	export class Behavior {}

	export interface Content {
		/** Milliseconds between two `onTimeChanged`, once started. */
		interval: number;
		skin: Skin;
		state: number;
		visible: boolean;
		readonly behavior: Behavior;
		readonly application: Content | null;
		start(): void;
		stop(): void;
		captureTouch(id: number, x: number, y: number, ticks: number): void;
		/** Calls a method of the behavior. */
		delegate(event: string, ...values: unknown[]): void;
		/** The same, once what runs now is over. */
		defer(event: string, ...values: unknown[]): void;
		/** Calls a method of the behaviors of this content and of those around it, until one returns true. */
		bubble(event: string, ...values: unknown[]): void;
		/** Calls a method of all behaviors within. */
		distribute(event: string, ...values: unknown[]): void;
	}
	export interface Label extends Content {
		string: string;
	}
	export interface Container extends Content {
		readonly first: Content;
		readonly last: Content;
	}
	export interface Template<T extends Content, D = Dictionary> {
		new (data: unknown, dictionary?: D): T;
		template<U>(make: (data: U) => D): Template<T, D>;
	}
	export const Content: Template<Content>;
	export const Label: Template<Label>;
	export const Container: Template<Container>;
	export const Column: Template<Container>;
	export const Row: Template<Container>;
}

declare module "piu/PC" {
	import type { Content, Dictionary, Template } from "piu/All";
	/** A rectangle with round corners. */
	export const RoundContent: Template<Content, Dictionary & { border?: number; radius: number }>;
}

declare module "ControlsPane" {
	import type { Container, Content, Template } from "piu/All";

	/** What a row is made of; its `name` is the member of the device's behavior that holds the row's control. */
	interface RowData {
		label: string;
		name?: string;
	}
	/** The methods that are named get what the row was made with, its own members too. */
	type RowOf<D> = new <Own extends D>(data: Own) => Content;
	/** Slider and switch; its text follows it. */
	export interface Control extends Content {
		readonly next: Content & { string: string };
		readonly behavior: { readonly data: { value: boolean | number }; onDataChanged(control: Control): void };
	}
	interface Range {
		min: number;
		max: number;
		value: number;
		step: number;
		unit: string;
		/** Method that is called when it was let go. */
		event: string;
		/** Method that is called while it moves. */
		track?: string;
	}
	export const ControlsColumn: Template<Container>;
	export const ButtonsRow: RowOf<{
		label: string;
		buttons: readonly { label: string; event?: string; eventDown?: string; eventUp?: string }[];
	}>;
	export const InfoRow: RowOf<RowData & { value: string }>;
	export const SliderRow: RowOf<RowData & Range>;
	/** Tells only when it was let go. */
	export const LogSliderRow: RowOf<RowData & Range>;
	export const SwitchRow: RowOf<RowData & { event: string; value: boolean; on: string; off: string }>;
}

declare module "DevicePane" {
	import type { Behavior, Container, Content, Template } from "piu/All";
	export class DeviceBehavior implements Behavior {
		onCreate(container: Container, device: unknown): void;
		/** To the machine. */
		postMessage(container: Container, message: string): void;
	}
	export const DeviceContainer: Template<Container>;
	/** Where the machine lives; and its display, if it has one. */
	export const DeviceScreen: Template<Content>;
}
