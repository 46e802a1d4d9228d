/** `device.sensor` while the contract runs under Moddable: all drivers of the SDK that its bench has parts for. */
import type { SensorConstructor } from "embedded:sensor/_common";
import BMP280 from "embedded:sensor/Barometer-Temperature/BMP280";
import AHT10 from "embedded:sensor/Humidity-Temperature/AHT10";
import SHT3x from "embedded:sensor/Humidity-Temperature/SHT3x";
import TMP117 from "embedded:sensor/Temperature/TMP117";
import { careful } from "hosts/shared/embedded/careful-sensor";

const sensors: Readonly<Record<string, SensorConstructor>> = Object.freeze({
	AHT10: careful(AHT10, "AHT10"),
	BMP280: careful(BMP280, "BMP280"),
	SHT3x: careful(SHT3x, "SHT3x"),
	TMP117: careful(TMP117, "TMP117"),
});
export default sensors;
