import { after, before, describe } from "node:test";
import { AedesBroker } from "../support/brokers/aedes";
import { suite } from "../support/brokers/suite";
import { aedes } from "../support/brokers/traits";

describe("aedes", () => {
	let broker: AedesBroker;
	before(async () => {
		broker = await AedesBroker.start();
	});
	after(() => broker.remove());

	suite({ version: 4, transport: "TCP", traits: aedes, broker: () => broker });
});
