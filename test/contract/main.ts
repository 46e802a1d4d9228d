/** The contract between firmware and host, as a program of its own: boot it in place of the firmware. */
import device from "embedded:provider/builtin";
import analog from "./analog";
import digital from "./digital";
import digitalbank from "./digitalbank";
import dns from "./dns";
import dnssd from "./dnssd";
import flash from "./flash";
import { run } from "./harness";
import http from "./http";
import i2c from "./i2c";
import keyValue from "./key-value";
import listener from "./listener";
import ntp from "./ntp";
import provider from "./provider";
import pwm from "./pwm";
import sensors from "./sensors";
import smbus from "./smbus";
import system from "./system";
import tcp from "./tcp";
import time from "./time";
import timer from "./timer";
import tls from "./tls";
import udp from "./udp";
import update from "./update";
import websocket from "./websocket";
import wifi from "./wifi";

void run(
	[
		timer,
		time,
		digital,
		digitalbank,
		analog,
		pwm,
		i2c,
		smbus,
		sensors,
		provider,
		system,
		keyValue,
		flash,
		update,
		wifi,
		dns,
		dnssd,
		tcp,
		listener,
		udp,
		tls,
		websocket,
		http,
		ntp,
	],
	device,
);
