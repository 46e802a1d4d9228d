import { topics } from "../../modules/description/topics";
import type { BrokerAddress } from "../broker-address";
import type { NodeView } from "../view";

/** Measurements in the database; each point has the tag `node`. */
export const MEASUREMENT = "vagalume";
export const STATUS_MEASUREMENT = "vagalume_status";
/** Bucket (InfluxDB 2) or database (1 and 3). */
export const DATABASE = "vagalume";

const SCHEMES = { mqtt: "tcp", mqtts: "ssl", ws: "ws", wss: "wss" } as const;

/** Settings of Telegraf: records and status of a node into InfluxDB. What is secret comes from the environment. */
export function telegrafConfiguration(view: NodeView): string {
	const { id, name, base, broker } = view;
	return `# ${oneLine(name)}: its records and its status into InfluxDB. Written by \`vagalume dashboards\` from node.ts.
# Environment: MQTT_USER, MQTT_PASSWORD, INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG.

[agent]
  interval = "10s"
  flush_interval = "10s"
  omit_hostname = true

# Records at QoS 1 into a persistent session: what comes while Telegraf is away is written later, at the time of the record.
${consumer(view, MEASUREMENT, topics.telemetry(base), `telegraf-${id}`)}
  data_format = "json"
  json_time_key = "time"
  json_time_format = "2006-01-02T15:04:05Z07:00"
${tags(view)}
${consumer(view, STATUS_MEASUREMENT, topics.status(base), `telegraf-${id}-status`)}
  data_format = "value"
  data_type = "string"
${tags(view)}
[[outputs.influxdb_v2]]
  urls = ["\${INFLUX_URL:-http://127.0.0.1:8086}"]
  token = "\${INFLUX_TOKEN:?is not set}"
  organization = "\${INFLUX_ORG:-vagalume}"
  bucket = "${DATABASE}"

# To see what is written, without a database:
# [[outputs.file]]
#   files = ["stdout"]
#   data_format = "influx"
${broker.tls ? `\n# A broker with an own CA: tls_ca = "/path/of/ca.crt" in both inputs.\n` : ""}`;
}

function consumer({ broker }: NodeView, measurement: string, topic: string, clientId: string): string {
	return `[[inputs.mqtt_consumer]]
  servers = [${string(server(broker))}]
  name_override = ${string(measurement)}
  topics = [${string(topic)}]
  topic_tag = ""
  qos = 1
  persistent_session = true
  client_id = ${string(clientId)}
  username = "\${MQTT_USER:-}"
  password = "\${MQTT_PASSWORD:-}"`;
}

function tags({ id, place }: NodeView): string {
	const where = place === undefined ? "" : `    place = ${string(place)}\n`;
	return `  [inputs.mqtt_consumer.tags]\n    node = ${string(id)}\n${where}`;
}

function server({ scheme, host, port, path }: BrokerAddress): string {
	return `${SCHEMES[scheme]}://${host}:${port}${path}`;
}

/** A basic string of TOML: JSON's escapes are among its own. Telegraf takes `$` for a variable: a name has none. */
function string(text: string): string {
	return JSON.stringify(text.replaceAll("$", ""));
}

function oneLine(text: string): string {
	return text.replace(/\s+/g, " ");
}
