import { type Behavior, type Content, Label } from "piu/All";
import { short } from "./layout";
import { styles } from "./style";

/** Pixels. */
const FIRST = 66;
const LINE = 18;
const LETTERS = 13;

/** What a part is called, and what there is to say of it; `Behavior` may change the latter. */
export function captions(title: string, detail: string, Behavior?: new () => Behavior): Content[] {
	const second = { ...(Behavior && { Behavior }), style: styles.faint, string: short(detail, LETTERS) };
	return [
		new Label(null, { top: FIRST, height: LINE, left: 0, right: 0, style: styles.name, string: short(title, LETTERS) }),
		new Label(null, { top: FIRST + LINE, height: LINE, left: 0, right: 0, ...second }),
	];
}
