import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { BrokerError } from "./broker-error";
import type { BrokerFolder } from "./folder";
import { Responder } from "./mdns/responder";
import type { RunOptions } from "./options";
import { localName } from "./state";

/**
 * Gets ready to tell the local network where the broker is; undefined when it is not to be told, or not so. Nodes check the broker's
 * certificate for the name that they are told, so it has to be one of the certificate's. Throws BrokerError.
 */
export async function advertiser(folder: BrokerFolder, options: RunOptions): Promise<Responder | undefined> {
	const { advertise: instance, port, bind } = options;
	if (instance === undefined) return undefined;
	const state = folder.read();
	const target = localName(state);
	if (target === undefined)
		throw new BrokerError(
			`--advertise: none of the broker's names ends in .local (it has ${state.hosts.join(", ")}), and nodes check its ` +
				`certificate for such a name: rotate --host ${["NAME.local", ...state.hosts].join(",")}`,
		);
	if (new X509Certificate(readFileSync(folder.server)).checkHost(target) === undefined)
		throw new BrokerError(`--advertise: the certificate in ${folder.server} is not for ${target}: rotate`);
	const responder = await Responder.open({ instance, target, port }, bind === "0.0.0.0" ? undefined : bind);
	const rival = await responder.rival();
	if (rival === undefined) return responder;
	// Anybody may say so, and nobody is to keep the broker from those who know where it is.
	process.stderr.write(`vagalume broker: the local network is not told: ${rival}\n`);
	await responder.close();
	return undefined;
}
