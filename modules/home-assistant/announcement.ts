import { utf8Length } from "../description/topics";
import type { Pieces } from "../node/messenger";
import { type Announced, deviceConfig, entitiesOf, entityConfig } from "./entities";

/**
 * The payload of a device in Home Assistant's MQTT discovery, an entity a piece: it is made twice, once to know its length
 * and once to send it, and never lies in memory as a whole.
 */
export class Announcement implements Pieces {
	readonly byteLength: number;
	readonly #announced: Announced;
	readonly #entities: ReturnType<typeof entitiesOf>;
	#index = -1;

	constructor(announced: Announced) {
		this.#announced = announced;
		this.#entities = entitiesOf(announced);
		let byteLength = 0;
		for (let piece = this.next(); piece !== undefined; piece = this.next()) byteLength += utf8Length(piece)!;
		this.byteLength = byteLength;
		this.#index = -1;
	}

	next(): string | undefined {
		const index = this.#index++;
		if (index > this.#entities.length) return undefined;
		if (index === this.#entities.length) return "}}";
		if (index < 0) return `${JSON.stringify(deviceConfig(this.#announced)).slice(0, -1)},"components":{`;
		const entity = this.#entities[index]!;
		const comma = index === 0 ? "" : ",";
		return `${comma}"${entity.join("_")}":${JSON.stringify(entityConfig(this.#announced, entity))}`;
	}
}
