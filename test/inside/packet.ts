/** The packet layer inside XS: reads or writes what its driver asks for, and tells what came of it; or does one thing that is measured. */
import { call, callInto } from "vagalume:host";
import { attach } from "../../hosts/shared/embedded/dispatch";
import { Decoder } from "../../modules/mqtt/packet/decoder";
import { DRIVER_HANDLE, Event, Operation } from "./operations";
import { type Reading, readPackets, WRITE } from "./packet-reader";
import { type Writing, writePacket } from "./packet-writer";

let reading: Reading = {};
let decoder: Decoder;
let length = 0;

const events: Record<number, (value: never) => void> = {
	[Event.nothing]: (_value: number) => {
		decoder.start = decoder.remaining = 0;
		decoder.end = length;
	},
	/** Reads packets and tells them. */
	[Event.arrive]: (count: number) => {
		const bytes = new Uint8Array(call(Operation.read, count) as ArrayBuffer);
		call(Operation.tell, JSON.stringify(readPackets(bytes, reading)));
	},
	/** Writes a packet and tells it. */
	[WRITE]: (json: string) => {
		call(Operation.tell, JSON.stringify(writePacket(JSON.parse(json) as Writing)));
	},
	[Event.prepare]: (json: string) => {
		reading = JSON.parse(json) as Reading;
		decoder = new Decoder(512, 256, reading.version);
		decoder.end = 512;
	},
	/** Fills the window of the decoder that is measured. */
	[Event.record]: (count: number) => {
		length = count;
		callInto(decoder.bytes, Operation.read, count);
	},
	/** Reads the packet in the window. */
	[Event.run]: (_value: number) => {
		decoder.start = decoder.remaining = 0;
		decoder.end = length;
		decoder.next();
	},
	[Event.grow]: () => {
		let list: object | undefined;
		for (let count = 0; count < 20_000; count++) list = { list };
		new Uint8Array(400_000).fill(1);
	},
};

attach(DRIVER_HANDLE, { onEvent: (event, value) => events[event]!(value as never) });
