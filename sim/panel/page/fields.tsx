import { useEffect, useRef, useState } from "preact/hooks";
import { number, t, typeable } from "./text/text";

/** A switch: on or off. */
export function Switch(props: {
	readonly label: string;
	readonly on: boolean;
	readonly disabled?: boolean;
	onToggle(on: boolean): void;
}) {
	const { label, on, disabled, onToggle } = props;
	return (
		<button
			type="button"
			class="switch"
			role="switch"
			aria-checked={on}
			aria-label={label}
			disabled={disabled}
			onClick={() => onToggle(!on)}
		/>
	);
}

/** Between two values that a moved slider sends (ms). */
const PACE = 100;
/** A hand that moved a slider this long ago (ms) is over: what the node tells is shown again. */
const HAND = 800;

/** A slider whose values go out at most ten times a second, the last one always. */
export function Slider(props: {
	readonly label: string;
	readonly low: number;
	readonly high: number;
	readonly step: number;
	readonly value: number;
	/** What it says to those who do not see it. */
	readonly text: string;
	readonly disabled?: boolean;
	onInput?(value: number): void;
	onSend(value: number): void;
}) {
	const { label, low, high, step, value, text, disabled, onInput, onSend } = props;
	const [moved, setMoved] = useState<number>();
	const send = useRef({ latest: 0, timer: 0, onSend });
	send.current.onSend = onSend;
	const [rest, setRest] = useState(0);
	useEffect(() => {
		if (moved === undefined) return;
		const timer = setTimeout(() => setMoved(undefined), HAND);
		return () => clearTimeout(timer);
	}, [moved, rest]);
	const shown = moved ?? value;
	return (
		<input
			type="range"
			min={low}
			max={high}
			step={step}
			value={shown}
			disabled={disabled}
			aria-label={label}
			aria-valuetext={text}
			style={{ "--fill": `${((100 * (shown - low)) / (high - low)).toFixed(1)}%` }}
			onInput={({ currentTarget }) => {
				const next = currentTarget.valueAsNumber;
				setMoved(next);
				setRest(performance.now());
				onInput?.(next);
				const pace = send.current;
				pace.latest = next;
				pace.timer ||= window.setTimeout(() => {
					pace.timer = 0;
					pace.onSend(pace.latest);
				}, PACE);
			}}
		/>
	);
}

/** Why what stands in a field is wrong; undefined when it is right. */
export function problemOf(text: string, low: number, high: number, unit: string): string | undefined {
	const value = Number(text.replace(",", "."));
	if (text.trim() === "" || Number.isNaN(value)) return t("noNumber");
	if (value < low || value > high) return t("outside", { low: number(low), high: `${number(high)} ${unit}`.trim() });
	return undefined;
}

/** A field for a number. What is wrong is said beside it, and nothing is sent. */
export function NumberField(props: {
	readonly label: string;
	readonly low: number;
	readonly high: number;
	readonly decimals: number;
	readonly value: number;
	readonly unit: string;
	onSend(value: number): void;
}) {
	const { label, low, high, decimals, value, unit, onSend } = props;
	const [typed, setTyped] = useState<string>();
	const [problem, setProblem] = useState<string>();
	const commit = () => {
		if (typed === undefined) return;
		const wrong = problemOf(typed, low, high, unit);
		setProblem(wrong);
		if (wrong !== undefined) return;
		setTyped(undefined);
		onSend(Number(typed.replace(",", ".")));
	};
	return (
		<>
			<label class="value">
				<input
					type="text"
					inputMode="decimal"
					autocomplete="off"
					aria-label={`${label} (${unit})`}
					aria-invalid={problem !== undefined}
					value={typed ?? typeable(value, decimals)}
					onInput={({ currentTarget }) => setTyped(currentTarget.value)}
					onChange={commit}
					onKeyDown={({ key }) => {
						if (key === "Enter") commit();
						if (key === "Escape") {
							setTyped(undefined);
							setProblem(undefined);
						}
					}}
				/>
				<span>{unit}</span>
			</label>
			{problem && (
				<span class="error" role="alert">
					{problem}
				</span>
			)}
		</>
	);
}

/** Does something that may be refused, and keeps the refusal for the place beside which it belongs. */
export function useRefusal(): [refusal: string, act: (doing: Promise<void>) => void] {
	const [refusal, setRefusal] = useState("");
	const act = (doing: Promise<void>) => {
		doing.then(
			() => setRefusal(""),
			(error: Error) => setRefusal(error.message),
		);
	};
	return [refusal, act];
}

export function Refused({ text }: { readonly text: string }) {
	return text === "" ? null : (
		<p class="error" role="alert">
			{text}
		</p>
	);
}
