import { useState } from "preact/hooks";
import type { OrderView } from "../../protocol";
import type { BrokerLink } from "../broker-link";
import { t } from "../text/text";
import { RetainedTree } from "./retained-tree";
import type { TalkProps } from "./talk";

/** Publishing, and what the broker retains. */
export function Topics({ state, broker }: TalkProps) {
	return (
		<div class="topics">
			{broker.status === "connecting" && <p class="faint note">{t("connectingBroker")}</p>}
			<PublishForm orders={state.orders} base={state.base} broker={broker} />
			<RetainedTree base={state.base} broker={broker} />
		</div>
	);
}

interface FormProps {
	readonly orders: readonly OrderView[];
	readonly base: string;
	readonly broker: BrokerLink;
}

function PublishForm({ orders, base, broker }: FormProps) {
	const [topic, setTopic] = useState(orders[0]?.topic ?? "");
	const [payload, setPayload] = useState(orders[0]?.payloads[0] ?? "");
	const [retain, setRetain] = useState(false);
	const [problem, setProblem] = useState("");
	const [told, setTold] = useState("");
	const publish = async () => {
		setTold("");
		const wrong = topic === "" ? t("topicMissing") : /[+#\0]/.test(topic) ? t("topicWrong") : "";
		setProblem(wrong);
		if (wrong !== "") return;
		try {
			await broker.publish(topic, payload, retain);
			if (retain) broker.retains(topic, payload);
			setTold(t("published"));
		} catch {
			setProblem(t("notConnected"));
		}
	};
	const own = orders.filter((order) => order.topic.startsWith(`${base}/`));
	const group = orders.filter((order) => !order.topic.startsWith(`${base}/`));
	const pick = (order: OrderView, text: string) => {
		setTopic(order.topic);
		setPayload(text);
		setProblem("");
		setTold("");
	};
	return (
		<form
			class="publish"
			aria-label={t("publish")}
			onSubmit={(event) => {
				event.preventDefault();
				void publish();
			}}
		>
			<h3>{t("publish")}</h3>
			<label>
				<span>{t("publishTo")}</span>
				<input
					name="topic"
					class="mono"
					value={topic}
					aria-invalid={problem !== ""}
					spellcheck={false}
					autocomplete="off"
					onInput={({ currentTarget }) => setTopic(currentTarget.value)}
				/>
			</label>
			{problem && (
				<p class="error" role="alert">
					{problem}
				</p>
			)}
			<label>
				<span>{t("payload")}</span>
				<textarea
					name="payload"
					class="mono"
					rows={2}
					value={payload}
					spellcheck={false}
					onInput={({ currentTarget }) => setPayload(currentTarget.value)}
				/>
			</label>
			<div class="control-row">
				<label class="tick">
					<input type="checkbox" checked={retain} onChange={({ currentTarget }) => setRetain(currentTarget.checked)} />
					{t("retain")}
				</label>
				<span class="told" role="status">
					{told}
				</span>
				<button type="submit" class="primary" disabled={broker.status !== "connected"}>
					{t("send")}
				</button>
			</div>
			<Examples title={t("examples")} orders={own} onPick={pick} open />
			<Examples title={t("group")} orders={group} onPick={pick} />
		</form>
	);
}

interface ExamplesProps {
	readonly title: string;
	readonly orders: readonly OrderView[];
	readonly open?: boolean;
	onPick(order: OrderView, payload: string): void;
}

function Examples({ title, orders, open, onPick }: ExamplesProps) {
	return (
		<details class="examples" open={open}>
			<summary>{title}</summary>
			<ul>
				{orders.map((order) => (
					<li key={order.topic}>
						<span class="mono">{order.topic.split("/").slice(-3).join("/")}</span>
						<span class="chips">
							{order.payloads.map((payload) => (
								<button
									key={payload}
									type="button"
									class="chip"
									title={`${order.topic} ${payload}`}
									onClick={() => onPick(order, payload)}
								>
									{payload}
								</button>
							))}
						</span>
					</li>
				))}
			</ul>
		</details>
	);
}
