import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../tools/root";
import { Deployment, type Template } from "../support/arm-template";

const template = JSON.parse(readFileSync(join(root, "deploy/azure/azuredeploy.json"), "utf8")) as Template;
const given = {
	dnsLabel: "meu-vagalume",
	cloudInit: "#cloud-config\n",
	adminPublicKey: "ssh-ed25519 AAAA me",
	ownerAddresses: ["203.0.113.7/32"],
	clientAddresses: ["203.0.113.0/24", "198.51.100.4/32"],
};
interface Rule {
	name: string;
	properties: Record<string, unknown> & { priority: number; access: string };
}
const resource = (type: string, more: object = {}): Record<string, never> => {
	const found = template.resources.find((one) => one.type === type)!;
	return new Deployment(template, { ...given, ...more }).resolve(found) as Record<string, never>;
};
const rules = (more: object = {}) =>
	(resource("Microsoft.Network/networkSecurityGroups", more)["properties"]["securityRules"] as Rule[]).sort(
		(a, b) => a.properties.priority - b.properties.priority,
	);

test("every expression can be evaluated, and what it refers to is there", () => {
	const deployment = new Deployment(template, given);
	const resolved = deployment.resolve(template.resources) as { type: string; name: string; dependsOn?: string[] }[];
	deployment.resolve(template.outputs);
	const ids = resolved.map(({ type, name }) => `${type} ${name}`);
	for (const id of deployment.ids)
		assert.ok(
			ids.some((own) => own === id || id.includes("/subnets ")),
			id,
		);
	for (const { type, name, dependsOn = [] } of resolved) {
		const at = ids.indexOf(`${type} ${name}`);
		for (const id of dependsOn)
			assert.ok(ids.indexOf(id) >= 0 && ids.indexOf(id) < at, `${name} needs ${id} before it`);
	}
});

test("nothing is declared in vain", () => {
	const text = JSON.stringify(template);
	for (const name of Object.keys(template.parameters)) assert.ok(text.includes(`parameters('${name}')`), name);
	for (const name of Object.keys(template.variables)) assert.ok(text.includes(`variables('${name}')`), name);
});

test("SSH is open to the owner's addresses, the broker to its clients', and nothing to anybody else", () => {
	const [ssh, mqtt, nobody, ...more] = rules();
	assert.deepEqual(more, []);
	assert.deepEqual(ssh!.properties["sourceAddressPrefixes"], given.ownerAddresses);
	assert.equal(ssh!.properties["destinationPortRange"], "22");
	assert.deepEqual(mqtt!.properties["sourceAddressPrefixes"], given.clientAddresses);
	assert.deepEqual(mqtt!.properties["destinationPortRanges"], ["8883", "8884"]);
	assert.equal(nobody!.properties.access, "Deny");
	for (const rule of [ssh, mqtt]) assert.equal(rule!.properties["sourceAddressPrefix"], undefined);
});

test("with Let's Encrypt port 80 is open to everybody as well, and no other", () => {
	const all = rules({ letsEncrypt: true });
	assert.deepEqual(
		all
			.filter(({ properties }) => properties.access === "Allow" && properties["sourceAddressPrefix"])
			.map((rule) => rule.name),
		["http-for-lets-encrypt"],
	);
	assert.equal(all[2]!.properties["destinationPortRange"], "80");
});

test("who may enter is asked, not assumed", () => {
	for (const name of ["ownerAddresses", "clientAddresses", "adminPublicKey", "cloudInit", "dnsLabel"]) {
		assert.equal(template.parameters[name]!.defaultValue, undefined, name);
		assert.ok((template.parameters[name]!.minLength ?? 0) > 0, name);
	}
	assert.equal(template.parameters["cloudInit"]!.type, "securestring");
});

test("the machine takes keys and no passwords, and gets the user data whole", () => {
	const { osProfile } = resource("Microsoft.Compute/virtualMachines")["properties"] as {
		osProfile: Record<string, never>;
	};
	assert.equal(osProfile["linuxConfiguration"]["disablePasswordAuthentication"], true);
	assert.equal(osProfile["adminPassword"], undefined);
	assert.equal(Buffer.from(osProfile["customData"], "base64").toString(), given.cloudInit);
});

test("each Ubuntu that may be chosen has its image", () => {
	for (const ubuntu of template.parameters["ubuntu"]!.allowedValues!) {
		const { storageProfile } = resource("Microsoft.Compute/virtualMachines", { ubuntu })["properties"] as {
			storageProfile: { imageReference: { publisher: string } };
		};
		assert.equal(storageProfile.imageReference.publisher, "Canonical");
	}
});

test("the deployment fails when the broker is not healthy: its last step is the health check", () => {
	const { settings } = resource("Microsoft.Compute/virtualMachines/extensions")["properties"] as {
		settings: { commandToExecute: string };
	};
	assert.match(settings.commandToExecute, /cloud-init status --wait.*; \/usr\/local\/sbin\/vagalume-broker health$/);
});
