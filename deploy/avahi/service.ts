/** As it is called where Avahi looks for such files, in /etc/avahi/services. */
export const AVAHI_FILE = "vagalume-mqtt.service";

/**
 * A service file of Avahi (avahi.service(5)): it tells the local network that a broker is on `port` of the computer called
 * `host`, a name in `.local`. Another host than Avahi's own has to stand in /etc/avahi/hosts.
 */
export function avahiService(host: string, port: number): string {
	return `<?xml version="1.0" standalone="no"?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<!-- Written by 'vagalume broker', for /etc/avahi/services: changes made here are lost.
     Nodes check the broker's certificate for the name of the host, so it is one that the certificate has. -->
<service-group>
	<name replace-wildcards="yes">Vagalume on %h</name>
	<service>
		<type>_secure-mqtt._tcp</type>
		<host-name>${host}</host-name>
		<port>${port}</port>
	</service>
</service-group>
`;
}
