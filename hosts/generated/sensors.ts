// Written by `npm run generate` from node.ts: `device.sensor` of the Moddable build, with the SDK's drivers.
import type { SensorConstructor } from "embedded:sensor/_common";
import SHT3x from "embedded:sensor/Humidity-Temperature/SHT3x";
import { careful } from "hosts/shared/embedded/careful-sensor";

const sensors: Readonly<Record<string, SensorConstructor>> = Object.freeze({ SHT3x: careful(SHT3x, "SHT3x") });
export default sensors;
