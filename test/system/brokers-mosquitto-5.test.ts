import { after, before, describe } from "node:test";
import { type Broker, unlessInstalled } from "../support/brokers/broker";
import { startMosquitto, withoutSecureMosquitto } from "../support/brokers/mosquitto";
import { suite } from "../support/brokers/suite";
import { mosquitto5 } from "../support/brokers/traits";

describe("mosquitto, MQTT 5.0", { skip: unlessInstalled(withoutSecureMosquitto) }, () => {
	let broker: Broker;
	before(async () => {
		broker = await startMosquitto();
	});
	after(() => broker.remove());

	for (const transport of ["TCP", "TLS", "WebSocket"] as const) {
		suite({ version: 5, transport, traits: mosquitto5, broker: () => broker });
	}
});
