// Modules of the SDK's examples: they make `device`, and stand on it.

declare module "mqttclient/config" {}

/** MQTT.js on ECMA-419, as far as this program uses it. */
declare module "mqtt/js" {
	interface Client {
		on(event: string, listener: (...values: never[]) => void): Client;
		subscribe(
			topic: string,
			options: { qos: number },
			callback: (error: unknown, granted: { qos: number }[]) => void,
		): Client;
		unsubscribe(topic: string, callback: () => void): Client;
		publish(topic: string, message: string | ArrayBuffer, options: { qos: number }, callback: () => void): Client;
		end(callback: () => void): Client;
	}
	export function connect(url: string, options?: object): Client;
}
