/** The date as the firmware sees it: the SDK's `Time.set` has no effect on a computer, whose clock is not the node's. */

const RealDate = Date;

/** Added to the computer's date (ms). */
let offset = 0;

/** Date, with the node's clock in place of the computer's. */
class NodeDate extends RealDate {
	constructor(...values: []) {
		if (values.length === 0) super(NodeDate.now());
		else super(...values);
	}

	static override now(): number {
		return RealDate.now() + offset;
	}
}

/** Sets what is added to the computer's date (ms). From the first call on `Date` is the node's. */
export function setDateOffset(milliseconds: number): void {
	offset = milliseconds;
	globalThis.Date = NodeDate as DateConstructor;
}
