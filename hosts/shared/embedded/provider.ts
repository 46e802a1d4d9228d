/** ECMA-419 §30, the host provider instance. Its pins and buses are those of the board that the simulator plays. */
import "./globals";
import Analog from "embedded:io/analog";
import Digital from "embedded:io/digital";
import DigitalBank from "embedded:io/digitalbank";
import I2C from "embedded:io/i2c";
import PWM from "embedded:io/pwm";
import SMBus from "embedded:io/smbus";
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import TLS from "embedded:io/socket/tcp/tls";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import DNSSD from "embedded:network/dnssd";
import HTTPClient from "embedded:network/http/client";
import WiFi from "embedded:network/interface/wifi";
import MQTTClient from "embedded:network/mqtt/client";
import NTPClient from "embedded:network/ntp/client";
import WebSocketClient from "embedded:network/websocket/client";
import type { Device } from "embedded:provider/builtin";
import sensor from "embedded:provider/sensors";
import flash from "embedded:storage/flash";
import keyValue from "embedded:storage/key-value";
import update from "embedded:update";
import { call } from "vagalume:host";
import { SystemOperation } from "../operations/system";
import system from "./system";

/** Freezes plain objects and arrays all the way down; classes and instances as they are. */
function freeze<T extends object>(value: T): T {
	for (const { value: member } of Object.values(Object.getOwnPropertyDescriptors(value)))
		if (
			Array.isArray(member) ||
			(typeof member === "object" && member && Object.getPrototypeOf(member) === Object.prototype)
		)
			if (!Object.isFrozen(member)) freeze(member);
	return Object.freeze(value);
}

const resolver = { io: Resolver, socket: { io: UDP }, servers: ["10.0.0.53"] };
const dns = { resolver };
const tcp = { io: TCP };
const tls = { io: TLS, TCP: tcp };
const mqtt = { io: MQTTClient, socket: tcp, dns: resolver };
const mqtts = { io: MQTTClient, socket: tls, dns: resolver, port: 8883 };
const http = { io: HTTPClient, socket: tcp, dns: resolver };
const https = { io: HTTPClient, socket: tls, dns: resolver, port: 443 };
const ws = { io: WebSocketClient, socket: tcp, dns: resolver };
const wss = { io: WebSocketClient, socket: tls, dns: resolver, port: 443 };

const I2C_HZ = 100_000;

/** Asked of the host at the first use: a machine's own, not the ROM's. */
let wiring: Pick<Device, "pin" | "i2c"> | undefined;

function board(): Pick<Device, "pin" | "i2c"> {
	if (!wiring) {
		const { pin, i2c } = JSON.parse(call(SystemOperation.wiring) as string);
		for (const name of Object.keys(i2c)) i2c[name] = { io: I2C, hz: I2C_HZ, ...i2c[name] };
		wiring = freeze({ pin, i2c });
	}
	return wiring;
}

const device: Device = freeze({
	get pin() {
		return board().pin;
	},
	io: { Analog, Digital, DigitalBank, I2C, PWM, SMBus, TCP, TLS, UDP, Listener },
	get i2c() {
		return board().i2c;
	},
	sensor,
	network: {
		interface: { WiFi0: { io: WiFi } },
		dns,
		ntp: { client: { io: NTPClient, servers: ["pool.ntp.org"], socket: { io: UDP }, dns: resolver } },
		// As Moddable 8.2.3 has it: the standard names no place.
		dnssd: { io: DNSSD, socket: { io: UDP } },
		// Options under `client` as the standard has them, and directly as Moddable 8.2.3 has them.
		mqtt: { ...mqtt, client: mqtt },
		mqtts: { ...mqtts, client: mqtts },
		http: { ...http, client: http },
		https: { ...https, client: https },
		ws: { ...ws, client: ws },
		wss: { ...wss, client: wss },
		tls: { client: tls },
	},
	keyValue,
	flash,
	update,
	system,
});

export default device;
