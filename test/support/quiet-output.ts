import type { SeenMessage } from "../../sim/message-log";
import type { Output } from "../../sim/output";

/** Keeps what a simulation says. */
export class QuietOutput implements Output {
	readonly lines: string[] = [];
	readonly messages: (SeenMessage & { readonly date: number })[] = [];
	readonly notices: string[] = [];
	/** Hears each message as it passes. */
	onMessage: ((message: SeenMessage) => void) | undefined;

	log(_date: number, _node: string | undefined, line: string): void {
		this.lines.push(line);
	}
	message(date: number, _node: string | undefined, message: SeenMessage): void {
		this.messages.push({ date, ...message });
		this.onMessage?.(message);
	}
	notice(line: string): void {
		this.notices.push(line);
	}
	ready(): void {}
	blocked(): undefined {
		return undefined;
	}
	async flush(): Promise<void> {}

	/** Payloads of one topic that the node sent. */
	sent(topic: string): string[] {
		return this.messages
			.filter((message) => message.topic === topic && message.direction === "out")
			.map(({ payload }) => payload.toString());
	}
}
