/** The rules of Home Assistant's MQTT device discovery, as its schemas state them (2026.11), for what a node can announce. */

type Config = Record<string, unknown>;

/** Home Assistant refuses the whole device for any other member of the root. */
const ROOT = new Set(
	`device origin components availability availability_mode availability_template availability_topic
	payload_available payload_not_available state_topic command_topic qos encoding`.split(/\s+/),
);
const DEVICE = new Set(
	`identifiers connections name manufacturer model model_id hw_version serial_number sw_version suggested_area
	via_device configuration_url`.split(/\s+/),
);
const ORIGIN = new Set(["name", "sw_version", "support_url"]);
const COMMON =
	"platform unique_id name device_class entity_category enabled_by_default icon qos encoding availability_topic value_template state_topic";

/** What each platform knows; device classes that it takes. */
const PLATFORMS: Readonly<Record<string, { members: string; needs: readonly string[]; classes: readonly string[] }>> = {
	sensor: {
		members: `${COMMON} unit_of_measurement state_class suggested_display_precision expire_after force_update`,
		needs: ["state_topic"],
		classes: "temperature humidity atmospheric_pressure pressure illuminance signal_strength data_size duration".split(
			" ",
		),
	},
	light: {
		members: `${COMMON} schema command_topic brightness brightness_scale supported_color_modes effect effect_list
		flash flash_time_short flash_time_long transition optimistic`,
		needs: ["command_topic"],
		classes: [],
	},
	switch: {
		members: `${COMMON} command_topic payload_on payload_off state_on state_off optimistic`,
		needs: ["command_topic"],
		classes: ["outlet", "switch"],
	},
	event: {
		members: `${COMMON} event_types`,
		needs: ["state_topic", "event_types"],
		classes: ["button", "doorbell", "motion"],
	},
	button: {
		members: `${COMMON} command_topic command_template payload_press`,
		needs: ["command_topic"],
		classes: ["identify", "restart", "update"],
	},
	update: {
		members: `${COMMON} command_topic payload_install latest_version_topic title release_url release_summary display_precision`,
		needs: [],
		classes: ["firmware"],
	},
};

/** The units that a sensor of a class may have. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
	temperature: ["°C", "°F", "K"],
	humidity: ["%"],
	atmospheric_pressure: ["cbar", "bar", "hPa", "mmHg", "inHg", "inH₂O", "kPa", "mbar", "Pa", "psi", "mPa"],
	illuminance: ["lx"],
	signal_strength: ["dB", "dBm"],
	data_size: ["bit", "B", "kB", "MB", "GB", "KiB", "MiB", "GiB"],
	duration: ["d", "h", "min", "s", "ms", "μs"],
};
const CATEGORIES = ["config", "diagnostic"];
const COLOR_MODES = ["onoff", "brightness", "color_temp", "hs", "xy", "rgb", "rgbw", "rgbww", "white"];

/** What is wrong with the payload of `<prefix>/device/<id>/config`; an empty array when nothing is. */
export function problemsOfDevice(text: string): string[] {
	const problems: string[] = [];
	const payload = JSON.parse(text) as Config;
	const { device, origin, components } = payload as Record<string, Config | undefined>;
	const only = (where: string, object: Config, known: Set<string>) => {
		for (const member of Object.keys(object)) if (!known.has(member)) problems.push(`${where}.${member} is unknown`);
	};
	only("", payload, ROOT);
	if (!device || !Array.isArray(device["identifiers"]) || device["identifiers"].length === 0)
		problems.push("device.identifiers is missing");
	else only("device", device, DEVICE);
	if (typeof origin?.["name"] !== "string") problems.push("origin.name is missing");
	else only("origin", origin, ORIGIN);
	if (!components) return [...problems, "components is missing"];
	checkTopic("", payload, "availability_topic", problems);
	const seen = new Set<unknown>();
	for (const [id, component] of Object.entries(components)) {
		if (!/^[a-zA-Z0-9_-]+$/.test(id)) problems.push(`${id}: not an object id`);
		const { unique_id } = component as Config;
		if (typeof unique_id !== "string") problems.push(`${id}.unique_id is missing`);
		if (seen.has(unique_id)) problems.push(`${id}.unique_id is not unique`);
		seen.add(unique_id);
		checkComponent(id, component as Config, problems);
	}
	return problems;
}

function checkComponent(id: string, config: Config, problems: string[]): void {
	const platform = PLATFORMS[config["platform"] as string];
	if (!platform) {
		problems.push(`${id}.platform: ${config["platform"]} is none that a node announces`);
		return;
	}
	const known = new Set(platform.members.split(/\s+/));
	for (const member of Object.keys(config)) if (!known.has(member)) problems.push(`${id}.${member} is unknown`);
	for (const member of platform.needs) if (config[member] === undefined) problems.push(`${id}.${member} is missing`);
	for (const member of ["state_topic", "command_topic"]) checkTopic(id, config, member, problems);
	const { device_class, entity_category, name } = config;
	if (typeof name !== "string" || name === "") problems.push(`${id}.name is missing`);
	if (device_class !== undefined && !platform.classes.includes(device_class as string))
		problems.push(`${id}.device_class: ${device_class} is none of ${config["platform"]}`);
	if (entity_category !== undefined && !CATEGORIES.includes(entity_category as string))
		problems.push(`${id}.entity_category: ${entity_category}`);
	if (config["platform"] === "sensor") checkSensor(id, config, problems);
	if (config["platform"] === "light") checkLight(id, config, problems);
	if (config["platform"] === "event" && !(config["event_types"] as unknown[]).every((type) => typeof type === "string"))
		problems.push(`${id}.event_types`);
}

/** A sensor of category `config` is refused; a class has its units; a state class needs a number, and so does a precision. */
function checkSensor(id: string, config: Config, problems: string[]): void {
	const { device_class, unit_of_measurement, state_class, entity_category, suggested_display_precision } = config;
	if (device_class !== undefined && !UNITS[device_class as string]?.includes(unit_of_measurement as string))
		problems.push(`${id}: ${device_class} is not measured in ${unit_of_measurement}`);
	if (!["measurement", "total", "total_increasing", undefined].includes(state_class as string | undefined))
		problems.push(`${id}.state_class: ${state_class}`);
	// "measurement" and "total_increasing" of these classes: sensor/const.py, DEVICE_CLASS_STATE_CLASSES.
	if (state_class === "total_increasing" && !["data_size", "duration"].includes(device_class as string))
		problems.push(`${id}: ${device_class} is no ${state_class}`);
	if (entity_category === "config") problems.push(`${id}: a sensor is not of category config`);
	if (!Number.isInteger(suggested_display_precision)) problems.push(`${id}.suggested_display_precision`);
}

/** `onoff` and `brightness` stand alone. */
function checkLight(id: string, config: Config, problems: string[]): void {
	const modes = config["supported_color_modes"] as string[];
	if (config["schema"] !== "json") problems.push(`${id}.schema: ${config["schema"]}`);
	if (!modes.every((mode) => COLOR_MODES.includes(mode))) problems.push(`${id}.supported_color_modes: ${modes}`);
	if (modes.length > 1 && (modes.includes("onoff") || modes.includes("brightness")))
		problems.push(`${id}.supported_color_modes: ${modes} do not go together`);
	if (config["brightness"] !== !modes.includes("onoff")) problems.push(`${id}.brightness`);
	for (const time of ["flash_time_short", "flash_time_long"])
		if (!Number.isInteger(config[time]) || !((config[time] as number) > 0)) problems.push(`${id}.${time}`);
}

function checkTopic(id: string, config: Config, member: string, problems: string[]): void {
	const topic = config[member];
	if (topic === undefined) return;
	if (typeof topic !== "string" || topic === "" || /[+#\0]/.test(topic)) problems.push(`${id}.${member}: ${topic}`);
}

/** Members of an `update` entity's state that Home Assistant takes; any other, and it throws the state away. */
export const UPDATE_STATE = new Set(
	"installed_version latest_version title release_summary release_url entity_picture in_progress update_percentage".split(
		" ",
	),
);
