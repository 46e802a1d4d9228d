import device from "embedded:provider/builtin";
import { Log, messageOf } from "./modules/log/log";
import { configure } from "./modules/node/configuration";
import { openSession } from "./modules/node/open-session";
import { RunningNode } from "./modules/node/running-node";
import node from "./node";

const log = new Log({ level: node.log });
try {
	const configuration = configure(node, device.system.settings);
	log.local("info", `${node.name} (${configuration.id}) boots: ${configuration.base}`);
	new RunningNode({ device, description: node, configuration, log, openSession }).start();
} catch (error) {
	for (const line of messageOf(error).split("\n")) log.local("error", line);
	throw error;
}
