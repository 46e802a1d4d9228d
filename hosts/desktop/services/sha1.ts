import { createHash } from "node:crypto";
import type { SHA1 } from "../../shared/services/websocket-service";

export const sha1: SHA1 = (bytes) => createHash("sha1").update(bytes).digest();
