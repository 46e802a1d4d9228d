import { createRequire } from "node:module";
import { Ajv, type AnySchemaObject } from "ajv";
import addFormats from "ajv-formats";

const schema = createRequire(import.meta.url)("@asyncapi/specs/schemas/3.0.0-without-$id.json") as AnySchemaObject;

/** An AsyncAPI document, as far as the tests read it. */
export interface AsyncApi {
	readonly info: { readonly title: string; readonly version: string };
	readonly servers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
	readonly channels: Readonly<Record<string, { readonly address: string }>>;
	readonly operations: Readonly<
		Record<
			string,
			{
				readonly action: string;
				readonly bindings: { mqtt: { qos: number; retain: boolean } };
				readonly reply?: object;
			}
		>
	>;
	readonly components: {
		readonly messages: Readonly<Record<string, { contentType: string; payload: AnySchemaObject }>>;
	};
}

function ajv(): Ajv {
	const made = new Ajv({ strict: false, allErrors: true });
	addFormats.default(made);
	return made;
}

/** What AsyncAPI's own JSON Schema of 3.0.0 finds wrong, and references that lead nowhere. */
export function problemsOfDocument(document: unknown): string[] {
	const validate = ajv().compile(schema);
	const problems = validate(document)
		? []
		: validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
	const look = (value: unknown, path: string): void => {
		if (typeof value !== "object" || value === null) return;
		for (const [key, member] of Object.entries(value)) {
			if (key === "$ref") {
				let target: unknown = document;
				for (const part of String(member).split("/").slice(1)) target = (target as Record<string, unknown>)?.[part];
				if (target === undefined) problems.push(`${path}: ${member} is not there`);
			} else look(member, `${path}/${key}`);
		}
	};
	look(document, "");
	return problems;
}

/** Tells what is wrong with messages, by a document. */
export class MessageJudge {
	readonly #document: AsyncApi;
	readonly #ajv = ajv();

	constructor(document: AsyncApi) {
		this.#document = document;
	}

	/** The channel of a topic, or undefined. */
	keyOf(topic: string): string | undefined {
		return Object.entries(this.#document.channels).find(([, { address }]) => address === topic)?.[0];
	}

	/** Undefined when the message is as the document says. */
	problemOf(topic: string, payload: string): string | undefined {
		const key = this.keyOf(topic);
		if (key === undefined) return `${topic} is no channel`;
		const { contentType, payload: schema } = this.#document.components.messages[key]!;
		const value = contentType === "application/json" ? JSON.parse(payload) : plain(payload, schema);
		const validate = this.#ajv.compile(schema);
		return validate(value) ? undefined : `${topic} ${payload}: ${this.#ajv.errorsText(validate.errors)}`;
	}
}

/** Text is a number where the schema has one, JSON where it has an object. */
function plain(payload: string, schema: AnySchemaObject): unknown {
	const alternatives = (schema["oneOf"] as AnySchemaObject[] | undefined) ?? [schema];
	if (alternatives.some(({ type }) => type === "object") && payload.startsWith("{")) return JSON.parse(payload);
	const number =
		alternatives.some(({ type }) => type === "number") && payload !== "" && Number.isFinite(Number(payload));
	return number ? Number(payload) : payload;
}
