/** All services behind a desktop node. */
import type { Service } from "../host";
import { boardService } from "./board-service";
import { flashService } from "./flash-service";
import { keyValueService } from "./key-value-service";
import { resolverService } from "./resolver-service";
import { systemService } from "./system-service";
import { tcpService } from "./tcp-service";
import { udpService } from "./udp-service";
import { webSocketService } from "./websocket-service";
import { wifiService } from "./wifi-service";

export const services: readonly Service[] = [
	systemService,
	boardService,
	keyValueService,
	flashService,
	wifiService,
	tcpService,
	udpService,
	resolverService,
	webSocketService,
];
