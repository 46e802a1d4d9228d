/**
 * What bare specifiers stand for on this host: files of the project, without extension. The Moddable build says the
 * same in its manifest.
 */
export const specifiers: Readonly<Record<string, string>> = Object.freeze({
	main: "main",
	timer: "hosts/desktop/embedded/timer",
	time: "hosts/desktop/embedded/time",
	"embedded:provider/builtin": "hosts/desktop/embedded/provider",
	"embedded:io/digital": "hosts/desktop/embedded/io/digital",
	"embedded:io/digitalbank": "hosts/desktop/embedded/io/digitalbank",
	"embedded:io/analog": "hosts/desktop/embedded/io/analog",
	"embedded:io/pwm": "hosts/desktop/embedded/io/pwm",
	"embedded:io/i2c": "hosts/desktop/embedded/io/i2c",
	"embedded:io/smbus": "hosts/desktop/embedded/io/smbus",
	"embedded:io/socket/tcp": "hosts/desktop/embedded/socket/tcp",
	"embedded:io/socket/tcp/tls": "hosts/desktop/embedded/socket/tls",
	"embedded:io/socket/listener": "hosts/desktop/embedded/socket/listener",
	"embedded:io/socket/udp": "hosts/desktop/embedded/socket/udp",
	"embedded:network/interface/wifi": "hosts/desktop/embedded/network/wifi",
	"embedded:network/dns/resolver/udp": "hosts/desktop/embedded/network/resolver",
	"embedded:network/ntp/client": "hosts/desktop/embedded/network/ntp",
	"embedded:network/websocket/client": "hosts/desktop/embedded/network/websocket/client",
	"embedded:network/ws/client": "hosts/desktop/embedded/network/websocket/client",
	"embedded:network/mqtt/client": "modules/mqtt/client",
	"embedded:storage/key-value": "hosts/desktop/embedded/storage/key-value",
	"embedded:storage/flash": "hosts/desktop/embedded/storage/flash",
	"embedded:update": "hosts/desktop/embedded/update",
	"embedded:sensor/Humidity-Temperature/SHT3x": "hosts/desktop/sensor/sht3x",
	"embedded:sensor/Humidity-Temperature/AHT10": "hosts/desktop/sensor/aht10",
	"embedded:sensor/Barometer-Temperature/BMP280": "hosts/desktop/sensor/bmp280",
	"embedded:sensor/Temperature/TMP117": "hosts/desktop/sensor/tmp117",
});
