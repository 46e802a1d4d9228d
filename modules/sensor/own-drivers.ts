import BH1750 from "../driver/bh1750/bh1750";
import BME280 from "../driver/bme280/bme280";
import DHT22 from "../driver/dht22/dht22";
import DS18B20 from "../driver/ds18b20/ds18b20";
import Light from "../driver/light/light";

/** The firmware's own drivers, by their name in node.ts: a new one is added here and in `modules/description/drivers.ts`. */
export const ownDrivers: Readonly<Record<string, unknown>> = Object.freeze({
	BH1750,
	BME280,
	DHT22,
	DS18B20,
	"analog-light": Light,
});
