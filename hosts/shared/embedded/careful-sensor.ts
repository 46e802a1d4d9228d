import type { Sensor, SensorConstructor, SensorOptions } from "embedded:sensor/_common";

type IO = new (options: Record<string, unknown>) => { close(): void };

/**
 * A sensor driver of Moddable's, made to keep ECMA-419 §13: those of 8.2.3 leave their IO open when the constructor fails, as it
 * does when the part does not answer, and fail when they are closed twice.
 */
export function careful(driver: SensorConstructor, name: string): SensorConstructor {
	// Constants, for this runs when a board's flash is made: what could still change cannot lie there.
	const Driver = driver;
	const title = name;
	return class implements Sensor {
		#driver: Sensor | undefined;

		constructor(options: SensorOptions) {
			const { io } = options.sensor;
			const opened: { close(): void }[] = [];
			// Its instances are those of the IO class itself.
			class Kept {
				constructor(settings: Record<string, unknown>) {
					const instance = new (io as IO)(settings);
					opened.push(instance);
					// biome-ignore lint/correctness/noConstructorReturn: see above
					return instance;
				}
			}
			try {
				this.#driver = new Driver({ ...options, sensor: { ...options.sensor, io: Kept } });
			} catch (error) {
				for (const instance of opened) instance.close();
				throw error;
			}
		}

		configure(options: Record<string, unknown>): void {
			this.#open().configure(options);
		}

		sample(): ReturnType<Sensor["sample"]> {
			return this.#open().sample();
		}

		close(): void {
			const driver = this.#driver;
			this.#driver = undefined;
			driver?.close();
		}

		#open(): Sensor {
			if (!this.#driver) throw new Error(`${title} is closed`);
			return this.#driver;
		}
	};
}
