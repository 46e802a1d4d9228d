import type { Tab } from "./tab";

/** The event that an applet of IFTTT (service Webhooks) waits for. */
export const IFTTT_EVENT = "vagalume_offline";

/** Asked of the environment when it is needed: keys stand in no flow. */
const webhook = (name: string) => `const key = env.get("IFTTT_KEY");
const url = env.get("VAGALUME_WEBHOOK") || (key && "https://maker.ifttt.com/trigger/${IFTTT_EVENT}/with/key/" + key);
if (!url) {
	node.status({ fill: "yellow", shape: "ring", text: "neither IFTTT_KEY nor VAGALUME_WEBHOOK is set" });
	return null;
}
node.status({});
return {
	url,
	method: "POST",
	headers: { "content-type": "application/json" },
	payload: { value1: ${JSON.stringify(name)}, value2: msg.payload, value3: new Date().toISOString() },
};`;

/** Tells of a status that changed; on `offline` calls a webhook, and writes to Node-RED's log. */
export function addAlert(tab: Tab, ui: string, name: string, changed: string): void {
	tab.add("rbe", changed, 1, { name: "when it changed" }, [["notice", "offline"]]);
	tab.code("notice", 2, "what to say", `msg.payload = ${JSON.stringify(`${name} is `)} + msg.payload;\nreturn msg;`, [
		["notification"],
	]);
	tab.add("ui-notification", "notification", 3, { ui }, [[]]);
	tab.row();
	const rules = [{ t: "eq", v: "offline", vt: "str" }];
	tab.add("switch", "offline", 1, { name: "offline", rules, outputs: 1 }, [["alert", "webhook"]]);
	tab.add("debug", "alert", 2, { name: `alert: ${name}`, complete: "payload" });
	tab.row();
	tab.code("webhook", 2, "webhook", webhook(name), [["request"]]);
	tab.add("http request", "request", 3, { method: "use", ret: "txt" }, [["answer"]]);
	tab.add("debug", "answer", 4, { name: "webhook's answer", complete: "statusCode", console: false });
	tab.row();
	tab.add("catch", "fault", 2, { name: "webhook failed", scope: [tab.idOf("request")] }, [["failure"]]);
	tab.add("debug", "failure", 3, { name: `webhook failed: ${name}`, complete: "error.message", targetType: "msg" });
}
