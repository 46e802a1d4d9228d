import type { Device } from "embedded:provider/builtin";
import type { Settings } from "../system/system";

type Socket = Device["network"]["mqtts"]["client"]["socket"];

/** A TLS socket that trusts whom the node's owner trusts, and shows the node's certificate. */
export function trusting(socket: Socket, { ca, certificate, key }: Settings, serverName: string): Socket {
	return {
		...socket,
		secure: {
			...(socket.secure as object | undefined),
			serverName,
			...(ca !== undefined && { certificate: ca }),
			...(certificate !== undefined && { clientCertificate: certificate, clientKey: key }),
		},
	};
}
