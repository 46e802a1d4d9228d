import { topics } from "../../modules/description/topics";
import type { ChannelView, NodeView, OutputView } from "../view";

type Members = Readonly<Record<string, unknown>>;
/** A panel in the format of the app's own backup, without the ids that place it. */
export interface Panel extends Members {
	readonly panelName: string;
	readonly type: "led" | "switch" | "slider" | "button" | "gauge" | "log" | "line-graph";
	readonly qos: 0 | 1;
	readonly retain?: boolean;
}

const QUIET = {
	enableNotification: false,
	notificationFilter: "all",
	notificationMin: "",
	notificationMax: "",
	notificationValue: "",
	notificationRegex: "",
	notificationMessage: "<payload>",
} as const;
const HEARD = { ...QUIET, mqttType: "sub", showReceivedTimeStamp: false } as const;
const SENT = { retain: false, defaultColor: "primary", showSentTimeStamp: false, confirmBeforePublish: false } as const;
const PLACE = { disableDashboardPrefix: false, panelWidth: "100", panelMergeClass: "" } as const;
const PLAIN = { isJSONPayload: false, jsonPath: "" } as const;
const json = (jsonPath: string) => ({ isJSONPayload: true, jsonPath });

/** Colours of a light that has no wheel: a button each. */
const COLORS = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255], white: [255, 255, 255] } as const;

/** What the phone shows of a node, from top to bottom. */
export function panelsOf(view: NodeView): Panel[] {
	const { base, lights, relays, channels, buttons, commands } = view;
	const measured = channels.filter(({ diagnostic }) => !diagnostic);
	return [
		indicator("Status", topics.status(base), "online", "offline"),
		...lights.flatMap(lightPanels),
		...relays.map((relay) => switchPanel(relay)),
		...measured.map((channel) => (channel.range ? gauge(channel, channel.range) : value(channel))),
		...channels.filter(({ diagnostic }) => diagnostic).map(value),
		...measured.map(graph),
		...buttons.map(({ title, topic }) => lines(title, topic, { ...json("$.event_type"), showLatestMsgOnly: true })),
		...commands.map((command) => commandButton(command, topics.command(base, command), commands.length)),
		lines("Log", topics.log(base), { ...PLAIN, qos: 0 }),
	];
}

function lightPanels(light: OutputView): Panel[] {
	const { title, kind } = light;
	const panels = [switchPanel(light, { ...json("$.state"), jsonEnvelope: '{"state":"<payload>"}' })];
	if (kind !== "on-off") panels.push(brightness(light));
	if (kind === "rgb") {
		for (const [name, [r, g, b]] of Object.entries(COLORS))
			panels.push(button(`${title}: ${name}`, light.order, JSON.stringify({ color: { r, g, b } }), "25"));
	}
	return panels;
}

function indicator(panelName: string, topic: string, payloadOn: string, payloadOff: string): Panel {
	return {
		panelName,
		type: "led",
		topic,
		payloadOn,
		payloadOff,
		qos: 1,
		hidePanelName: false,
		iconOn: "radio_button_checked",
		iconColorOn: "#2e7d32",
		iconOff: "radio_button_unchecked",
		iconColorOff: "#9e9e9e",
		iconSize: "small",
		...HEARD,
		...PLAIN,
		...PLACE,
	};
}

function switchPanel({ title, order, topic }: OutputView, format: Members = { ...PLAIN, jsonEnvelope: "" }): Panel {
	return {
		panelName: title,
		type: "switch",
		topic: order,
		seperateSubscribeTopic: topic,
		payloadOn: "ON",
		payloadOff: "OFF",
		qos: 1,
		hidePanelName: false,
		hasCustomIcon: false,
		iconOn: "switch_on",
		iconColorOn: "#9e9e9e",
		iconOff: "switch_off",
		iconColorOff: "#9e9e9e",
		iconSize: "small",
		confirmationMessage: "<payload>",
		...HEARD,
		...SENT,
		mqttType: "pubsub",
		...format,
		...PLACE,
	};
}

function brightness({ title, order, topic }: OutputView): Panel {
	return {
		panelName: `${title}: brightness`,
		type: "slider",
		topic: order,
		seperateSubscribeTopic: topic,
		payloadMin: 0,
		payloadMax: 255,
		step: 1,
		qos: 1,
		dynamicColor: false,
		firstColor: "success",
		secondColor: "warning",
		thirdColor: "danger",
		firstColorEnd: 33.33,
		secondColorEnd: 66.67,
		unit: "",
		orientation: "horizontal",
		messageFactor: 1,
		confirmationMessage: "<payload>",
		...HEARD,
		...SENT,
		mqttType: "pubsub",
		...json("$.brightness"),
		jsonEnvelope: '{"brightness":<payload>}',
		...PLACE,
	};
}

function button(panelName: string, topic: string, payload: string, panelWidth: string, confirm = false): Panel {
	return {
		panelName,
		type: "button",
		mqttType: "pub",
		topic,
		payload,
		qos: 1,
		hidePanelName: false,
		hasCustomIcon: false,
		icon: "button",
		iconColor: "#9e9e9e",
		isJSONPayload: false,
		jsonEnvelope: "",
		fitToPanelWidth: false,
		buttonSize: "medium",
		noPayload: false,
		confirmationMessage: "<payload>",
		...SENT,
		confirmBeforePublish: confirm,
		...PLACE,
		panelWidth,
	};
}

function commandButton(command: string, topic: string, count: number): Panel {
	return button(command, topic, "{}", count === 3 ? "33" : "50", command === "restart");
}

function gauge({ title, topic, unit, decimals }: ChannelView, [low, high]: readonly [number, number]): Panel {
	const at = (part: number) => low + (high - low) * part;
	return {
		panelName: title,
		type: "gauge",
		topic,
		payloadMin: low,
		payloadMax: high,
		step: (high - low) / 100,
		qos: 0,
		unit,
		decimalPrecision: decimals,
		firstColor: "#66bb6a",
		secondColor: "#43a047",
		thirdColor: "#2e7d32",
		firstColorEnd: at(1 / 3),
		secondColorEnd: at(2 / 3),
		messageFactor: 1,
		...HEARD,
		...PLAIN,
		...PLACE,
		panelWidth: "50",
	};
}

function lines(panelName: string, topic: string, more: Members): Panel {
	return {
		panelName,
		type: "log",
		topic,
		qos: 1,
		logLength: 10,
		maxPersistence: 100,
		showLatestMsgOnly: false,
		fontSize: 14,
		hideLabel: false,
		hideTopic: true,
		unit: "",
		digitalDisplay: false,
		messageFactor: 1,
		...HEARD,
		showReceivedTimeStamp: true,
		...PLACE,
		...more,
	};
}

function value({ title, topic, unit }: ChannelView): Panel {
	return lines(title, topic, { ...PLAIN, qos: 0, unit, showLatestMsgOnly: true, fontSize: 20, panelWidth: "33" });
}

function graph({ title, topic, unit }: ChannelView): Panel {
	const item = { topic, label: title, color: "#2e7d32", showArea: false, showPoints: false, unit, messageFactor: 1 };
	return {
		panelName: title,
		type: "line-graph",
		mqttType: "sub",
		qos: 0,
		comboItemList: [{ ...item, ...QUIET, ...PLAIN }],
		maxPersistence: 100,
		// Spelt so by the app.
		maxDuraion: "hours:2",
		smoothCurve: false,
		...PLACE,
	};
}
