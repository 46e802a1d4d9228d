import config from "mc/config";

/**
 * The node's settings as the build says them: `config` of the manifests, `NAME=VALUE` on the command line. A new object at each reading. `password` is
 * that of the Wi-Fi, as with Moddable; the broker's is `mqttPassword`.
 */
export function settings() {
	const {
		id,
		broker,
		defaultBroker,
		user,
		mqttPassword,
		keepAlive,
		ssid,
		password,
		ca,
		certificate,
		key,
		releaseKeys,
		updateOverHTTP,
		tokenURL,
		tokenClient,
		tokenSecret,
		tokenScope,
		tokenOverHTTP,
	} = config as Readonly<Record<string, string>>;
	return {
		...(id && { id }),
		...(broker && { broker }),
		...(defaultBroker && { defaultBroker }),
		...(user && { user }),
		...(mqttPassword && { password: mqttPassword }),
		...(tokenURL && {
			token: {
				url: tokenURL,
				client: tokenClient ?? "",
				secret: tokenSecret ?? "",
				...(tokenScope && { scope: tokenScope }),
				...(tokenOverHTTP === "true" && { overHTTP: true }),
			},
		}),
		...(keepAlive !== undefined && keepAlive !== "" && { keepAlive: Number(keepAlive) }),
		...(ca && { ca }),
		...(certificate && { certificate }),
		...(key && { key }),
		// As the one text that a command line takes.
		...(releaseKeys && { releaseKeys: releaseKeys.split(/[\s,]+/) }),
		...(updateOverHTTP === "true" && { updateOverHTTP: true }),
		...(ssid && { wifi: { SSID: ssid, ...(password && { password }) } }),
	};
}
