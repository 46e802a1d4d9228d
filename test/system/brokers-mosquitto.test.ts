import { after, before, describe } from "node:test";
import { type Broker, unlessInstalled } from "../support/brokers/broker";
import { startMosquitto, withoutSecureMosquitto } from "../support/brokers/mosquitto";
import { suite } from "../support/brokers/suite";
import { mosquitto, type Traits } from "../support/brokers/traits";

describe("mosquitto", { skip: unlessInstalled(withoutSecureMosquitto) }, () => {
	let broker: Broker;
	before(async () => {
		broker = await startMosquitto();
	});
	after(() => broker.remove());

	for (const transport of ["TCP", "TLS", "WebSocket"] as const) {
		// Over WebSocket the limit of a packet is not kept.
		const traits: Traits = transport === "WebSocket" ? { ...mosquitto, tooLarge: "taken" } : mosquitto;
		suite({ version: 4, transport, traits, broker: () => broker });
	}
});
