/** All services behind a node of this host. */
import { Digest } from "crypt";
import type { Service } from "../shared/host";
import { boardService } from "../shared/services/board-service";
import { flashService } from "../shared/services/flash-service";
import { keyValueService } from "../shared/services/key-value-service";
import { resolverService } from "../shared/services/resolver-service";
import { systemService } from "../shared/services/system-service";
import { tcpService } from "../shared/services/tcp-service";
import { udpService } from "../shared/services/udp-service";
import { webSocketService } from "../shared/services/websocket-service";
import { wifiService } from "../shared/services/wifi-service";
import { der } from "./tls/certificates";

export const services: readonly Service[] = [
	systemService,
	boardService,
	keyValueService,
	flashService,
	wifiService,
	tcpService(der),
	udpService,
	resolverService,
	webSocketService((bytes) => new Uint8Array(new Digest("SHA1").process(bytes))),
];
