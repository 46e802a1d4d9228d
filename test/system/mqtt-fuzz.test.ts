import { test } from "node:test";
import { fuzz } from "../fuzz/fuzz";

// 20,000 in all; `npm run fuzz` sends a million. A fault's message says how to see it again.
const packets = 5000;

for (const layer of ["client", "session"] as const) {
	for (const version of [4, 5] as const) {
		test(`${packets} mutated packets neither crash nor deafen nor fill the ${layer}, MQTT version ${version}`, () => {
			fuzz({ packets, seed: 1, layers: [layer], versions: [version] });
		});
	}
}
