/** ECMA-419 §30, the host provider instance of a board. What is wired to it is in `config.board`: see hosts/esp32/boards. */
import "../shared/embedded/globals";
import Analog from "embedded:io/analog";
import Digital from "embedded:io/digital";
import DigitalBank from "embedded:io/digitalbank";
import I2C from "embedded:io/i2c";
import PWM from "embedded:io/pwm";
import SMBus from "embedded:io/smbus";
import MQTTClient from "embedded:network/mqtt/client";
import type { Device } from "embedded:provider/builtin";
import sensor from "embedded:provider/sensors";
import flash from "embedded:storage/flash";
import keyValue from "embedded:storage/key-value";
import update from "embedded:update";
import config from "mc/config";
import UDP from "moddable/udp";
import DNSSD from "../shared/embedded/network/dnssd/client";
import HTTPClient from "../shared/embedded/network/http/client";
import NTPClient from "../shared/embedded/network/ntp";
import WebSocketClient from "../shared/embedded/network/websocket/client";
import Resolver from "./network/resolver";
import TCP from "./network/tcp";
import TLS from "./network/tls";
import WiFi from "./network/wifi";
import system from "./system";

interface Board {
	readonly pin: Readonly<Record<string, number>>;
	readonly i2c: { readonly data: number; readonly clock: number };
}

const { pin, i2c } = config["board"] as unknown as Board;
const resolver = Object.freeze({ io: Resolver });
const tcp = Object.freeze({ io: TCP });
const tls = Object.freeze({ io: TLS, TCP: tcp });
const mqtt = Object.freeze({ io: MQTTClient, socket: tcp, dns: resolver });
const mqtts = Object.freeze({ io: MQTTClient, socket: tls, dns: resolver, port: 8883 });
const http = Object.freeze({ io: HTTPClient, socket: tcp, dns: resolver });
const https = Object.freeze({ io: HTTPClient, socket: tls, dns: resolver, port: 443 });
const ws = Object.freeze({ io: WebSocketClient, socket: tcp, dns: resolver });
const wss = Object.freeze({ io: WebSocketClient, socket: tls, dns: resolver, port: 443 });
const udp = Object.freeze({ io: UDP });

/** Options under `client` as the standard has them, and directly as Moddable 8.2.3 has them. */
const both = <T extends object>(options: T) => Object.freeze({ ...options, client: options });

const device = Object.freeze({
	pin,
	io: Object.freeze({ Analog, Digital, DigitalBank, I2C, PWM, SMBus, TCP, TLS, UDP }),
	i2c: Object.freeze({ default: Object.freeze({ io: I2C, hz: 100_000, data: i2c.data, clock: i2c.clock }) }),
	sensor,
	network: Object.freeze({
		interface: Object.freeze({ WiFi0: Object.freeze({ io: WiFi }) }),
		dns: Object.freeze({ resolver }),
		ntp: Object.freeze({
			client: Object.freeze({
				io: NTPClient,
				servers: Object.freeze(["pool.ntp.org"]),
				socket: udp,
				dns: resolver,
			}),
		}),
		dnssd: Object.freeze({ io: DNSSD, socket: udp }),
		mqtt: both(mqtt),
		mqtts: both(mqtts),
		http: both(http),
		https: both(https),
		ws: both(ws),
		wss: both(wss),
		tls: Object.freeze({ client: tls }),
	}),
	keyValue,
	flash,
	update,
	system,
}) as unknown as Device;

export default device;
