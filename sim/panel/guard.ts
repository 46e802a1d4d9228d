import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
/** An address and no name: DNS rebinding needs a name. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Headers of every answer: nothing is kept, framed, guessed or loaded from elsewhere. The drawings of the parts set
 * `style` attributes, which is why those are let in; style sheets and scripts in the page's text are not.
 */
export const securityHeaders: OutgoingHttpHeaders = Object.freeze({
	"cache-control": "no-store",
	"content-security-policy":
		"default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
	"referrer-policy": "no-referrer",
	"x-content-type-options": "nosniff",
	"x-frame-options": "DENY",
});

/**
 * Why a request is refused, or undefined. A name that is not loopback's means DNS rebinding; another origin means that
 * a page elsewhere tries to use this computer's browser. Any port will do in `Host`: tunnels change it. `open`: the panel
 * was told to serve other computers, which call it by an address.
 */
export function refusal(headers: IncomingHttpHeaders, open = false): string | undefined {
	const { host, origin } = headers;
	if (host === undefined || !(LOOPBACK.test(host) || (open && ADDRESS.test(host))))
		return `Host "${host ?? ""}" is refused: open the panel as http://127.0.0.1 or http://localhost${open ? ", or by this computer's IP address" : ""}`;
	if (origin !== undefined && origin !== `http://${host.toLowerCase()}`)
		return `Origin "${origin}" is refused: only the panel's own page may use it`;
	// Requests without Origin that another site's page makes: images, scripts, `no-cors`. A link to the panel is fine.
	const site = headers["sec-fetch-site"];
	if ((site === "cross-site" || site === "same-site") && headers["sec-fetch-mode"] !== "navigate")
		return "a request from another site is refused";
	return undefined;
}
