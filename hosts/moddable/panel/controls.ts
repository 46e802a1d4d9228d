import { ButtonsRow, ControlsColumn, LogSliderRow, SliderRow, SwitchRow } from "ControlsPane";
import type { Content } from "piu/All";
import { short } from "./layout";
import type { RowSpec } from "./rows";

/** As many letters as the simulator has room for before a control. */
const LETTERS = 17;

/** The rows, in the simulator's own look. What one does to them comes to the panel's behavior. */
export function controls(rows: readonly RowSpec[]): new (data: unknown) => Content {
	return ControlsColumn.template(() => ({ contents: rows.map(rowOf) }));
}

/** Under which name the panel's behavior holds the control of a row: no other member of it has such a name. */
export function controlName(row: string): string {
	return `row ${row}`;
}

function rowOf(spec: RowSpec): Content {
	const row = { ...spec, label: short(spec.label, LETTERS), row: spec.name, name: controlName(spec.name) };
	switch (row.kind) {
		case "switch":
			return new SwitchRow({ ...row, value: true });
		case "button":
			return new ButtonsRow({ label: row.label, buttons: [{ ...row, label: row.text }] });
		case "slider":
			return new SliderRow({ ...row, value: row.min, unit: ` ${row.unit}` });
		case "logarithmic":
			return new LogSliderRow({ ...row, value: row.min, unit: ` ${row.unit}` });
	}
}
