// What the page says, in English and Brazilian Portuguese.

const texts = {
	en: {
		language: "Language",
		online: "online",
		off: "off",
		noNetwork: "no network",
		connecting: "connecting",
		stillOnline: "the broker still says online",
		lost: "The simulator does not answer. Trying again…",
		brokerAt: "Broker",
		nodeTime: "Node time",
		power: "Power",
		poweredOn: "On",
		poweredOff: "Off",
		cutPower: "Cut power",
		powerOn: "Power on",
		reset: "Reset",
		network: "Wi-Fi",
		networkOn: "Wi-Fi on",
		signal: "Signal",
		silence: "no signal",
		heap: "Heap",
		heapOf: "of {limit} B",
		peak: "peak {peak} B",
		outputs: "Lights, relays, buttons",
		sensors: "Sensors",
		self: "About itself",
		on: "on",
		switchOn: "Switch {title}",
		brightness: "Brightness",
		colour: "Colour",
		released: "open",
		closed: "closed",
		press: "Press",
		pressHint: "Press and hold, or use the space bar",
		toggles: "switches {what}",
		ordersElsewhere: "Orders go through the broker elsewhere: publish to {topic}.",
		plugged: "Plugged in",
		unplug: "Unplug",
		plugIn: "Plug in",
		unplugged: "unplugged",
		release: "Release",
		releaseHint: "Let nature go on",
		reported: "reported {value}",
		notReported: "not reported yet",
		outside: "expected {low} to {high}",
		traffic: "MQTT",
		filter: "Filter",
		filterHint: "text, or a topic filter: +/+/led/#",
		pause: "Pause",
		resume: "Resume ({count} new)",
		in: "in",
		out: "out",
		sent: "sent by the node",
		received: "received by the node",
		retained: "retained",
		noMessages: "Nothing yet. Switch a light, or wait for the next record.",
		noMatch: "No message fits the filter.",
		emptyPayload: "empty",
		bytes: "{size} B",
		dropped: "{count} left out: this page reads too slowly",
		log: "Log",
		level: "Level",
		all: "all",
		noLines: "Nothing yet.",
		nodes: "Nodes",
		allNodes: "All nodes",
		temperature: "Temperature",
		humidity: "Humidity",
		pressure: "Pressure",
		light: "Light",
		rssi: "Signal",
		uptime: "Uptime",
	},
	pt: {
		language: "Idioma",
		online: "online",
		off: "desligado",
		noNetwork: "sem rede",
		connecting: "conectando",
		stillOnline: "o broker ainda diz online",
		lost: "O simulador não responde. Tentando de novo…",
		brokerAt: "Broker",
		nodeTime: "Hora do nó",
		power: "Energia",
		poweredOn: "Ligado",
		poweredOff: "Desligado",
		cutPower: "Cortar energia",
		powerOn: "Ligar",
		reset: "Reiniciar",
		network: "Wi-Fi",
		networkOn: "Wi-Fi ligado",
		signal: "Sinal",
		silence: "sem sinal",
		heap: "Memória",
		heapOf: "de {limit} B",
		peak: "pico {peak} B",
		outputs: "Luzes, relés, botões",
		sensors: "Sensores",
		self: "Sobre si mesmo",
		on: "ligado",
		switchOn: "Ligar ou desligar {title}",
		brightness: "Brilho",
		colour: "Cor",
		released: "aberto",
		closed: "fechado",
		press: "Apertar",
		pressHint: "Aperte e segure, ou use a barra de espaço",
		toggles: "comuta {what}",
		ordersElsewhere: "As ordens passam pelo broker externo: publique em {topic}.",
		plugged: "Conectado",
		unplug: "Desconectar",
		plugIn: "Conectar",
		unplugged: "desconectado",
		release: "Soltar",
		releaseHint: "Devolver à natureza",
		reported: "publicado {value}",
		notReported: "ainda não publicado",
		outside: "esperado de {low} a {high}",
		traffic: "MQTT",
		filter: "Filtro",
		filterHint: "texto, ou um filtro de tópicos: +/+/led/#",
		pause: "Pausar",
		resume: "Continuar ({count} novas)",
		in: "entra",
		out: "sai",
		sent: "enviada pelo nó",
		received: "recebida pelo nó",
		retained: "retida",
		noMessages: "Nada ainda. Acenda uma luz, ou espere o próximo registro.",
		noMatch: "Nenhuma mensagem passa pelo filtro.",
		emptyPayload: "vazia",
		bytes: "{size} B",
		dropped: "{count} omitidas: esta página lê devagar demais",
		log: "Log",
		level: "Nível",
		all: "todos",
		noLines: "Nada ainda.",
		nodes: "Nós",
		allNodes: "Todos os nós",
		temperature: "Temperatura",
		humidity: "Umidade",
		pressure: "Pressão",
		light: "Luz",
		rssi: "Sinal",
		uptime: "Tempo ligado",
	},
};

const locales = { en: "en", pt: "pt-BR" };
const KEY = "vagalume-language";

export const languages = Object.keys(texts);

export let language = chosen();

function chosen() {
	const stored = remembered();
	if (stored && languages.includes(stored)) return stored;
	return navigator.language.toLowerCase().startsWith("pt") ? "pt" : "en";
}

// A browser may forbid storage: then the choice lasts as long as the page.
function remembered() {
	try {
		return localStorage.getItem(KEY);
	} catch {
		return null;
	}
}

/** @param {string} next one of `languages` */
export function speak(next) {
	language = next;
	try {
		localStorage.setItem(KEY, next);
	} catch {}
	document.documentElement.lang = locales[next];
}

/** The text called `key`, with `{name}` replaced; a key without a text stands for itself. */
export function t(key, values = {}) {
	const text = texts[language][key] ?? key;
	return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** A number as people of this language write it. */
export function number(value, decimals = 0) {
	const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
	return new Intl.NumberFormat(locales[language], digits).format(value);
}

/** Hours, minutes and seconds of a date in ms. */
export function time(date) {
	return new Date(date).toLocaleTimeString(locales[language], { hourCycle: "h23" });
}
