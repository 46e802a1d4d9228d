import type { Host, NodeContext, Operation, ServiceInstance } from "../host";
import { digitalReadable, board as operation } from "../operations/board";
import type { AnalogPort, DigitalPort, I2CPort, Port, PwmPort, StripPort, WirePort } from "./board";

/** Operations 100 to 199 over a board: one port a handle. */
export function boardService({ board }: NodeContext, host: Host): ServiceInstance {
	const ports = new Map<number, Port>();
	const triggers = new Map<number, number>();

	const open = <P extends Port>(make: (handle: number) => P): number => {
		const handle = host.newHandle();
		ports.set(handle, make(handle));
		return handle;
	};
	const port = <P extends Port>(handle: number): P => {
		const found = ports.get(handle);
		if (!found) throw new Error("closed");
		return found as P;
	};
	const close = (handle: number): void => {
		ports.get(handle)?.close();
		ports.delete(handle);
		triggers.delete(handle);
	};
	const trigger = (handle: number, pins: number): void => {
		const before = triggers.get(handle) ?? 0;
		triggers.set(handle, (before | pins) >>> 0);
		// Edges that come before the node has looked are one event, as on the board.
		if (before === 0) host.event(handle, digitalReadable);
	};

	board.boot(host.clock);

	const operations: Record<number, Operation> = {
		[operation.digitalOpen]: (
			bank: number,
			pins: number,
			mode: number,
			rises: number,
			falls: number,
			initialValue: number,
		) =>
			open((handle) =>
				board.openDigital({
					bank,
					pins,
					mode,
					rises,
					falls,
					initialValue,
					onTrigger: (pins) => trigger(handle, pins),
				}),
			),
		[operation.digitalRead]: (handle: number) => port<DigitalPort>(handle).read(),
		[operation.digitalWrite]: (handle: number, value: number) => port<DigitalPort>(handle).write(value),
		[operation.digitalTriggers]: (handle: number) => {
			const pins = triggers.get(handle) ?? 0;
			triggers.delete(handle);
			return pins;
		},
		[operation.digitalClose]: close,

		[operation.analogOpen]: (pin: number) => open(() => board.openAnalog(pin)),
		[operation.analogRead]: (handle: number) => port<AnalogPort>(handle).read(),
		[operation.analogClose]: close,

		[operation.pwmOpen]: (pin: number, hz: number, resolution: number) =>
			open(() => board.openPwm(pin, hz, resolution)),
		[operation.pwmWrite]: (handle: number, value: number) => port<PwmPort>(handle).write(value),
		[operation.pwmClose]: close,

		[operation.i2cOpen]: (data: number, clock: number, hz: number, address: number, number?: number) =>
			open(() => board.openI2C({ data, clock, hz, address, port: number })),
		[operation.i2cRead]: (handle: number, byteLength: number, stop: boolean) =>
			port<I2CPort>(handle).read(byteLength, stop),
		[operation.i2cWrite]: (handle: number, data: Bytes, stop: boolean) =>
			port<I2CPort>(handle).write(bytes(data), stop),
		[operation.i2cWriteRead]: (handle: number, data: Bytes, byteLength: number, stop: boolean) => {
			const i2c = port<I2CPort>(handle);
			i2c.write(bytes(data), stop);
			return i2c.read(byteLength, true);
		},
		[operation.i2cClose]: close,

		[operation.stripOpen]: (pin: number, length: number) => open(() => board.openStrip(pin, length)),
		[operation.stripWrite]: (handle: number, data: Bytes) => port<StripPort>(handle).write(bytes(data)),
		[operation.stripClose]: close,

		[operation.wireOpen]: (pin: number) => open(() => board.openWire(pin)),
		[operation.wireExchange]: (handle: number, low: number, count: number) =>
			littleEndian(port<WirePort>(handle).exchange(low, count)),
		[operation.wireReset]: (handle: number) => port<WirePort>(handle).reset(),
		[operation.wireWrite]: (handle: number, value: number) => {
			const wire = port<WirePort>(handle);
			for (let index = 0; index < 8; index++) wire.bit(((value >> index) & 1) as 0 | 1);
		},
		[operation.wireRead]: (handle: number) => {
			const wire = port<WirePort>(handle);
			let value = 0;
			for (let index = 0; index < 8; index++) value |= wire.bit(1) << index;
			return value;
		},
		[operation.wireBit]: (handle: number, value: 0 | 1) => port<WirePort>(handle).bit(value),
		[operation.wireClose]: close,
	};

	return {
		operations,
		close: () => {
			for (const port of ports.values()) port.close();
			ports.clear();
			triggers.clear();
		},
	};
}

type Bytes = ArrayBuffer | Uint8Array;

function bytes(data: Bytes): Uint8Array {
	return data instanceof Uint8Array ? data : new Uint8Array(data);
}

function littleEndian(widths: Uint16Array): Uint8Array {
	const result = new Uint8Array(widths.length * 2);
	const view = new DataView(result.buffer);
	widths.forEach((width, index) => {
		view.setUint16(index * 2, width, true);
	});
	return result;
}
