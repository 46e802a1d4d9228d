import { deviceAdvisor } from "./device-advisor";
import { etsi } from "./etsi";
import type { ClauseList } from "./list";
import { mosquitto } from "./mosquitto";
import { mqtt311 } from "./mqtt-3.1.1";
import { mqtt5 } from "./mqtt-5.0";

/** In the order of docs/conformance.md. */
export const lists: readonly ClauseList[] = [etsi, deviceAdvisor, mosquitto, mqtt311, mqtt5];
