import type { BrokerLink } from "./broker-link";
import { t } from "./text/text";

/** Says why nothing comes from the broker, and asks for credentials where it wants some. Nothing while all is well. */
export function BrokerState({ broker }: { readonly broker: BrokerLink }) {
	const { status, reason } = broker;
	if (status === "away")
		return (
			<p class="card broker-state warn" role="alert">
				{reason === "" ? t("brokerAway") : t("brokerAwayWhy", { why: reason })}
			</p>
		);
	if (status !== "refused") return null;
	return (
		<form
			class="card broker-state credentials"
			onSubmit={(event) => {
				event.preventDefault();
				const form = event.currentTarget;
				const data = new FormData(form);
				broker.connect(String(data.get("user")), String(data.get("password")));
				form.reset();
			}}
		>
			<p class="note">{t("credentials")}</p>
			<p class="error" role="alert">
				{t("refused", { why: reason })}
			</p>
			<input name="user" aria-label={t("user")} placeholder={t("user")} autocomplete="off" spellcheck={false} />
			<input
				name="password"
				type="password"
				aria-label={t("password")}
				placeholder={t("password")}
				autocomplete="off"
			/>
			<button type="submit" class="primary">
				{t("connect")}
			</button>
		</form>
	);
}
