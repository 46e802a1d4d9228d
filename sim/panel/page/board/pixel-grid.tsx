import { useEffect, useRef } from "preact/hooks";
import "./elements";
import { MILLIMETRE } from "./figures";

interface Matrix extends HTMLElement {
	readonly updateComplete: Promise<unknown>;
	setPixel(row: number, column: number, colour: { r: number; g: number; b: number }): void;
}

export interface PixelGridProps {
	/** Six hexadecimal digits a LED, red first. */
	readonly pixels: string;
	readonly rows: number;
	readonly columns: number;
}

/** The LEDs of a strip, and the light that they throw. */
export function PixelGrid({ pixels, rows, columns }: PixelGridProps) {
	const element = useRef<Matrix>(null);
	useEffect(() => {
		const matrix = element.current;
		let current = true;
		matrix?.updateComplete.then(() => {
			if (!current) return;
			for (const [index, { red, green, blue }] of coloursOf(pixels).entries())
				matrix.setPixel(Math.floor(index / columns), index % columns, { r: red / 255, g: green / 255, b: blue / 255 });
		});
		return () => {
			current = false;
		};
	}, [pixels, rows, columns]);
	return (
		<>
			{coloursOf(pixels).map(({ red, green, blue }, index) => {
				const level = Math.max(red, green, blue) / 255;
				const left = ((index % columns) * 6.66 + 2.83) * MILLIMETRE;
				const top = (Math.floor(index / columns) * 6 + 2.5) * MILLIMETRE;
				const strength = level > 0 ? Math.sqrt(level) : 0;
				return (
					<span
						key={index}
						class="pixel-glow"
						style={{
							left: `${left}px`,
							top: `${top}px`,
							"--shine": strength.toFixed(3),
							"--color":
								level > 0
									? `rgb(${Math.round(red / level)} ${Math.round(green / level)} ${Math.round(blue / level)})`
									: "transparent",
						}}
					/>
				);
			})}
			<wokwi-neopixel-matrix ref={element} rows={rows} cols={columns} />
		</>
	);
}

function coloursOf(pixels: string): { red: number; green: number; blue: number }[] {
	return (pixels.match(/.{6}/g) ?? []).map((digits) => {
		const value = Number.parseInt(digits, 16);
		return { red: value >> 16, green: (value >> 8) & 255, blue: value & 255 };
	});
}
