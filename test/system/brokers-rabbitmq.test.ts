import { after, before, describe } from "node:test";
import { unlessInstalled } from "../support/brokers/broker";
import { RabbitMQ, withoutRabbitMQ } from "../support/brokers/rabbitmq";
import { suite } from "../support/brokers/suite";
import { rabbitmq } from "../support/brokers/traits";

describe("RabbitMQ", { skip: unlessInstalled(withoutRabbitMQ) }, () => {
	let broker: RabbitMQ;
	before(async () => {
		broker = await RabbitMQ.start();
	});
	after(() => broker.remove());

	suite({ version: 4, transport: "TCP", traits: rabbitmq, broker: () => broker });
});
