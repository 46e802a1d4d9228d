/** Signatures and hashes inside XS: does what its driver asks for, a step an event, and tells the result. */
import { call } from "vagalume:host";
import { attach } from "../../hosts/shared/embedded/dispatch";
import { Verification } from "../../modules/update/ed25519";
import { SHA256 } from "../../modules/update/sha256";
import { DRIVER_HANDLE, Event, Operation } from "./operations";

let verification: Verification | undefined;
let hash: SHA256 | undefined;

const read = (count: number) => new Uint8Array(call(Operation.read, count) as ArrayBuffer);

const events: Record<number, (value: never) => void> = {
	[Event.nothing]: () => {},
	/** Key, signature and message: the start of a check. */
	[Event.arrive]: (count: number) => {
		verification = new Verification(read(32), read(count - 96), read(64));
	},
	/** Goes on by a step. */
	[Event.run]: () => {
		const result = verification!.step();
		if (result !== undefined) call(Operation.tell, String(result));
	},
	[Event.prepare]: () => {
		hash = new SHA256();
	},
	/** Bytes to be hashed. */
	[Event.publish]: (count: number) => {
		hash!.update(read(count));
	},
	/** Tells the hash. */
	[Event.stop]: () => {
		call(Operation.tell, String(hash!.digest()));
	},
};

attach(DRIVER_HANDLE, { onEvent: (event, value) => events[event]!(value as never) });
