/** All services behind a desktop node. */
import type { Service } from "../../shared/host";
import { boardService } from "../../shared/services/board-service";
import { flashService } from "../../shared/services/flash-service";
import { keyValueService } from "../../shared/services/key-value-service";
import { resolverService } from "../../shared/services/resolver-service";
import { systemService } from "../../shared/services/system-service";
import { tcpService } from "../../shared/services/tcp-service";
import { udpService } from "../../shared/services/udp-service";
import { webSocketService } from "../../shared/services/websocket-service";
import { wifiService } from "../../shared/services/wifi-service";
import { pem } from "./pem";
import { sha1 } from "./sha1";

export const services: readonly Service[] = [
	systemService,
	boardService,
	keyValueService,
	flashService,
	wifiService,
	tcpService(pem),
	udpService,
	resolverService,
	webSocketService(sha1),
];
