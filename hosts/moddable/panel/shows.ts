import { Behavior, type Content } from "piu/All";
import type { PanelNews, PartNews } from "./protocol";

/** What a part's picture does when the machine tells of the part. */
export function shows<C extends Content>(name: string, show: (content: C, part: PartNews) => void): new () => Behavior {
	return class extends Behavior {
		onNews(content: C, { parts }: PanelNews): void {
			const part = parts?.[name];
			if (part) show(content, part);
		}
	};
}
