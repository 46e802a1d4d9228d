export function reasonName(code: number, _type: number): string {
	return String(code);
}
