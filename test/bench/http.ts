/** MQTT against HTTP: `npm run bench -- http`. The tutorial shows its table, and docs-tutorial-http.test.ts holds it to that. */
import { compareMqttHttp } from "../support/mqtt-http";
import { textTable } from "../support/table";

export async function bench(): Promise<void> {
	const costs = await compareMqttHttp();
	const rows = costs.map(({ way, sent, received, latency }) => [
		way,
		String(sent),
		String(received),
		String(sent + received),
		latency.toFixed(2),
	]);
	console.log(textTable(["a reading of 4 bytes", "sent", "received", "bytes", "ms, here"], rows));
}
