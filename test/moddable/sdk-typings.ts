/**
 * The SDK's own typings beside this project's (types/): where MODDABLE is set, `npm run check` compiles this file. `sdk:` modules are
 * the SDK's. What the firmware is given on a board must have the type that the firmware expects, as far as the SDK's typings know it:
 * they lag behind its code.
 */
import type Analog from "embedded:io/analog";
import type Digital from "embedded:io/digital";
import type DigitalBank from "embedded:io/digitalbank";
import type I2C from "embedded:io/i2c";
import type PWM from "embedded:io/pwm";
import type SMBus from "embedded:io/smbus";
import type Listener from "embedded:io/socket/listener";
import type TCP from "embedded:io/socket/tcp";
import type UDP from "embedded:io/socket/udp";
import type Resolver from "embedded:network/dns/resolver/udp";
import type DNSSD from "embedded:network/dnssd";
import type WiFi from "embedded:network/interface/wifi";
import type NTPClient from "embedded:network/ntp/client";
import type { Partition } from "embedded:storage/flash";
import type { Domain } from "embedded:storage/key-value";
import type { Update } from "embedded:update";
import type SdkAnalog from "sdk:embedded:io/analog";
import type SdkDigital from "sdk:embedded:io/digital";
import type SdkDigitalBank from "sdk:embedded:io/digitalbank";
import type SdkI2C from "sdk:embedded:io/i2c";
import type SdkPWM from "sdk:embedded:io/pwm";
import type SdkSMBus from "sdk:embedded:io/smbus";
import type SdkListener from "sdk:embedded:io/socket/listener";
import type SdkTCP from "sdk:embedded:io/socket/tcp";
import type SdkUDP from "sdk:embedded:io/socket/udp";
import type SdkResolver from "sdk:embedded:network/dns/resolver/udp";
import type SdkDNSSD from "sdk:embedded:network/dnssd";
import type SdkWiFi from "sdk:embedded:network/interface/wifi";
import type SdkNTPClient from "sdk:embedded:network/ntp/client";
import type { Flash as SdkPartition } from "sdk:embedded:storage/flash";
import type { Storage as SdkDomain } from "sdk:embedded:storage/key-value";
import type { Updater as SdkUpdate } from "sdk:embedded:update";
import type SdkTime from "sdk:time";
import type SdkTimer from "sdk:timer";
import type Time from "time";
import type Timer from "timer";

/**
 * Fails to compile unless `Given` is an `Expected`. `target` is in none of the SDK's typings; `Missing` is what else these lack, or give
 * too little of (a `read` that fills a buffer returns the count).
 */
type Fits<Expected, _Given extends Omit<Expected, Missing | "target">, Missing extends keyof Expected = never> = true;

export type Checks = [
	Fits<Digital, SdkDigital>,
	Fits<DigitalBank, SdkDigitalBank>,
	Fits<Analog, SdkAnalog, "close">,
	Fits<PWM, SdkPWM, "close">,
	Fits<I2C, SdkI2C, "close" | "writeRead">,
	Fits<SMBus, SdkSMBus, "close" | "writeRead" | "readBuffer">,
	Fits<TCP, SdkTCP, "read" | "write">,
	Fits<Listener, SdkListener, "close" | "read">,
	Fits<UDP, SdkUDP, "close" | "add" | "remove" | "read">,
	// @ts-expect-error its callbacks must return null
	Fits<Resolver, SdkResolver>,
	Fits<WiFi, SdkWiFi, "BSSID" | "channel">,
	Fits<NTPClient, SdkNTPClient>,
	Fits<DNSSD, SdkDNSSD>,
	Fits<Domain, SdkDomain>,
	Fits<Partition, SdkPartition>,
	Fits<Update, SdkUpdate>,
	Fits<typeof Time, typeof SdkTime>,
	Fits<Pick<typeof Timer, "delay">, Pick<typeof SdkTimer, "delay">>,
];
