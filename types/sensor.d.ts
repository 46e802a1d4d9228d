// ECMA-419 §13 and §14: the Sensor Class Pattern.

declare module "embedded:sensor/_common" {
	/** A sample: one member per sensor classification, each with its quantities in SI-based units (ECMA-419 §14). */
	export interface Sample {
		thermometer?: { temperature?: number };
		hygrometer?: { humidity?: number };
		barometer?: { pressure?: number; altitude?: number };
		lightmeter?: { illuminance?: number };
		time?: number;
		ticks?: number;
		faults?: object;
		[classification: string]: unknown;
	}
	export interface SensorOptions {
		/** The IO constructor options, with the class as `io`. */
		sensor: { io: unknown; [option: string]: unknown };
		onError?: (error: Error | string) => void;
		onReady?: () => void;
		onSample?: () => void;
		target?: unknown;
		io?: unknown;
		[option: string]: unknown;
	}
	export interface Sensor {
		configure(options: Record<string, unknown>): void;
		sample(): Sample | undefined;
		close(): void;
	}
	export type SensorConstructor = new (options: SensorOptions) => Sensor;
}

declare module "embedded:provider/sensors" {
	import type { SensorConstructor } from "embedded:sensor/_common";

	/** The sensor classes that the host has: `device.sensor`. Not of the standard: what the provider instance is made of. */
	const sensors: Readonly<Record<string, SensorConstructor>>;
	export default sensors;
}

declare module "embedded:sensor/Humidity-Temperature/SHT3x" {
	import type { SensorConstructor } from "embedded:sensor/_common";

	const SHT3x: SensorConstructor;
	export default SHT3x;
}
declare module "embedded:sensor/Humidity-Temperature/AHT10" {
	import type { SensorConstructor } from "embedded:sensor/_common";

	const AHT10: SensorConstructor;
	export default AHT10;
}
declare module "embedded:sensor/Barometer-Temperature/BMP280" {
	import type { SensorConstructor } from "embedded:sensor/_common";

	const BMP280: SensorConstructor;
	export default BMP280;
}
declare module "embedded:sensor/Temperature/TMP117" {
	import type { SensorConstructor } from "embedded:sensor/_common";

	const TMP117: SensorConstructor;
	export default TMP117;
}
