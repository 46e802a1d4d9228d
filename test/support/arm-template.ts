/** What of Azure Resource Manager's template language our template uses, evaluated on this machine. */
type Value = unknown;

export interface Template {
	readonly parameters: Record<
		string,
		{ type: string; defaultValue?: Value; allowedValues?: Value[]; minLength?: number }
	>;
	readonly variables: Record<string, Value>;
	readonly resources: { type: string; name: string; apiVersion: string; dependsOn?: string[]; properties: Value }[];
	readonly outputs: Record<string, { value: Value }>;
}

/** Evaluates the expressions of a template. Throws for a name, function or reference that there is not. */
export class Deployment {
	readonly #template: Template;
	readonly #given: Record<string, Value>;
	/** Ids that `resourceId` was asked for. */
	readonly ids = new Set<string>();

	constructor(template: Template, given: Record<string, Value>) {
		this.#template = template;
		this.#given = given;
		for (const name of Object.keys(given))
			if (!template.parameters[name]) throw new Error(`parameter "${name}" is not declared`);
	}

	/** A value with all of its expressions evaluated. */
	resolve(value: Value): Value {
		if (Array.isArray(value)) return value.map((item) => this.resolve(item));
		if (typeof value === "object" && value !== null)
			return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.resolve(item)]));
		if (typeof value !== "string" || !value.startsWith("[") || value.startsWith("[[")) return value;
		const reader = new Reader(value.slice(1, -1), (name, args) => this.#call(name, args));
		return reader.all();
	}

	#call(name: string, args: readonly Value[]): Value {
		const text = (index: number) => {
			if (typeof args[index] !== "string") throw new Error(`${name}: argument ${index} is no text`);
			return args[index] as string;
		};
		switch (name) {
			case "parameters":
				return this.#parameter(text(0));
			case "variables":
				if (!(text(0) in this.#template.variables)) throw new Error(`variable "${text(0)}" is not declared`);
				return this.resolve(this.#template.variables[text(0)]);
			case "resourceId":
				this.ids.add(args.join(" "));
				return args.join(" ");
			case "reference":
				return { dnsSettings: { fqdn: `${this.#parameter("dnsLabel")}.brazilsouth.cloudapp.azure.com` } };
			case "resourceGroup":
				return { location: "brazilsouth" };
			case "format":
				return text(0).replace(/\{(\d+)\}/g, (_, index) => String(args[Number(index) + 1]));
			case "concat":
				return args.flat();
			case "createArray":
				return [...args];
			case "if":
				return args[0] === true ? args[1] : args[2];
			case "base64":
				return Buffer.from(text(0)).toString("base64");
		}
		throw new Error(`"${name}" is no function that is known here`);
	}

	#parameter(name: string): Value {
		const declared = this.#template.parameters[name];
		if (!declared) throw new Error(`parameter "${name}" is not declared`);
		const value = this.#given[name] ?? this.resolve(declared.defaultValue);
		if (value === undefined) throw new Error(`parameter "${name}" is needed`);
		if (declared.allowedValues && !declared.allowedValues.includes(value)) throw new Error(`${name}: ${value}`);
		return value;
	}
}

/** Reads `f('a', g(1))[x].y`. */
class Reader {
	readonly #tokens: string[];
	readonly #call: (name: string, args: readonly Value[]) => Value;
	#at = 0;

	constructor(text: string, call: (name: string, args: readonly Value[]) => Value) {
		this.#tokens = text.match(/'(?:[^']|'')*'|[A-Za-z_]\w*|\d+|[()[\].,]|\S/g) ?? [];
		this.#call = call;
	}

	all(): Value {
		const value = this.#value();
		if (this.#at < this.#tokens.length) throw new Error(`"${this.#tokens[this.#at]}" is too much`);
		return value;
	}

	#value(): Value {
		const token = this.#next();
		if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
		if (/^\d/.test(token)) return Number(token);
		let value = this.#call(token, this.#arguments());
		for (;;) {
			if (this.#take(".")) value = member(value, this.#next());
			else if (this.#take("[")) {
				value = member(value, this.#value());
				this.#expect("]");
			} else return value;
		}
	}

	#arguments(): Value[] {
		this.#expect("(");
		const values: Value[] = [];
		if (this.#take(")")) return values;
		do values.push(this.#value());
		while (this.#take(","));
		this.#expect(")");
		return values;
	}

	#next(): string {
		const token = this.#tokens[this.#at++];
		if (token === undefined) throw new Error("the expression ends too early");
		return token;
	}
	#take(token: string): boolean {
		if (this.#tokens[this.#at] !== token) return false;
		this.#at++;
		return true;
	}
	#expect(token: string): void {
		if (!this.#take(token)) throw new Error(`expected "${token}", got "${this.#tokens[this.#at]}"`);
	}
}

function member(value: Value, name: Value): Value {
	const found = (value as Record<string, Value>)[String(name)];
	if (found === undefined) throw new Error(`there is no "${name}"`);
	return found;
}
