/** `device.sensor` of this host: Moddable's drivers of the same names, by this project. */
import BMP280 from "embedded:sensor/Barometer-Temperature/BMP280";
import AHT10 from "embedded:sensor/Humidity-Temperature/AHT10";
import SHT3x from "embedded:sensor/Humidity-Temperature/SHT3x";
import TMP117 from "embedded:sensor/Temperature/TMP117";

export default Object.freeze({ AHT10, BMP280, SHT3x, TMP117 });
