/** Place of the bytes in a block: before them is their offset. */
const HEADER = 4;
/** What a node may ask for at once. */
const LONGEST = 4096;

/**
 * The answer to what a node published on `<base>/update/request`: the offset in 32 bits, the highest first, and the bytes.
 * Undefined when it asks for nothing that is here.
 *
 * @param images by their SHA-256 in base64url
 */
export function blockFor(request: string, images: ReadonlyMap<string, Uint8Array>): Buffer | undefined {
	let asked: { image?: unknown; offset?: unknown; length?: unknown } | null;
	try {
		asked = JSON.parse(request);
	} catch {
		return undefined;
	}
	const { image, offset, length } = asked ?? {};
	const bytes = images.get(String(image));
	if (!bytes || !Number.isInteger(offset) || !Number.isInteger(length)) return undefined;
	const [start, count] = [offset as number, length as number];
	if (start < 0 || count < 1 || count > LONGEST || start + count > bytes.length) return undefined;
	const block = Buffer.alloc(HEADER + count);
	block.writeUInt32BE(start);
	block.set(bytes.subarray(start, start + count), HEADER);
	return block;
}
