import { type Board, boardTable } from "./boards";

/** The GPIO that a pin of node.ts means on its board; undefined for a name that the board does not have. */
export function gpioOf(board: string, pin: number | string): number | undefined {
	if (typeof pin === "number") return pin;
	return (boardTable[board]?.pin as Readonly<Record<string, number | undefined>> | undefined)?.[pin];
}

export type PinUse = "input" | "pulled input" | "output" | "analog";

/** Why a pin cannot be used so on this board; undefined when it can. */
export function pinProblem(board: Board, boardName: string, pin: unknown, use: PinUse): string | undefined {
	if (typeof pin === "string") {
		const names = Object.keys(board.pin);
		if (!names.includes(pin)) return `"${pin}" is no pin name of ${boardName} (${names.join(", ")})`;
	}
	const gpio = typeof pin === "string" ? gpioOf(boardName, pin) : pin;
	if (typeof gpio !== "number" || !Number.isInteger(gpio) || gpio < 0 || gpio > board.lastPin)
		return `${show(pin)} is not a GPIO of ${boardName} (0..${board.lastPin})`;
	if (board.taken.includes(gpio)) return `GPIO ${gpio} of ${boardName} is not free (flash, USB or not led out)`;
	if (use === "analog" && !board.analog.includes(gpio))
		return `GPIO ${gpio} of ${boardName} has no ADC that works beside Wi-Fi (${board.analog.join(", ")} have)`;
	if (use === "output" && board.inputOnly.includes(gpio)) return `GPIO ${gpio} of ${boardName} can only be an input`;
	if (use === "pulled input" && board.inputOnly.includes(gpio))
		return `GPIO ${gpio} of ${boardName} has no pull resistor: say pull: "none" and wire one`;
	return undefined;
}

/** A wrong value as an error message shows it. */
export function show(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
	if (Array.isArray(value)) return "an array";
	if (typeof value === "object" && value !== null) return "an object";
	return String(value);
}
