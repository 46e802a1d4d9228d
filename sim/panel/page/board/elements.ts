import "@wokwi/elements/dist/esm/dht22-element.js";
import "@wokwi/elements/dist/esm/esp32-devkit-v1-element.js";
import "@wokwi/elements/dist/esm/ks2e-m-dc5-element.js";
import "@wokwi/elements/dist/esm/led-element.js";
import "@wokwi/elements/dist/esm/neopixel-element.js";
import "@wokwi/elements/dist/esm/neopixel-matrix-element.js";
import "@wokwi/elements/dist/esm/ntc-temperature-sensor-element.js";
import "@wokwi/elements/dist/esm/photoresistor-sensor-element.js";
import "@wokwi/elements/dist/esm/pushbutton-element.js";

// Only what the page draws: the package as a whole brings displays, keypads and motors along.

type Drawing = { readonly [name: string]: unknown };

declare module "preact" {
	namespace JSX {
		interface IntrinsicElements {
			"wokwi-dht22": Drawing;
			"wokwi-esp32-devkit-v1": Drawing;
			"wokwi-ks2e-m-dc5": Drawing;
			"wokwi-led": Drawing;
			"wokwi-neopixel": Drawing;
			"wokwi-neopixel-matrix": Drawing;
			"wokwi-ntc-temperature-sensor": Drawing;
			"wokwi-photoresistor-sensor": Drawing;
			"wokwi-pushbutton": Drawing;
		}
	}
}
