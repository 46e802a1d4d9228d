/**
 * What bare specifiers stand for on this host: files of the project, without extension. The Moddable build says the
 * same in its manifest.
 */
export const specifiers: Readonly<Record<string, string>> = Object.freeze({
	main: "main",
	timer: "hosts/shared/embedded/timer",
	time: "hosts/shared/embedded/time",
	"embedded:provider/builtin": "hosts/shared/embedded/provider",
	"embedded:provider/sensors": "hosts/desktop/sensor/index",
	"embedded:io/digital": "hosts/shared/embedded/io/digital",
	"embedded:io/digitalbank": "hosts/shared/embedded/io/digitalbank",
	"embedded:io/analog": "hosts/shared/embedded/io/analog",
	"embedded:io/pwm": "hosts/shared/embedded/io/pwm",
	"embedded:io/i2c": "hosts/shared/embedded/io/i2c",
	"embedded:io/smbus": "hosts/shared/embedded/io/smbus",
	"embedded:io/socket/tcp": "hosts/shared/embedded/socket/tcp",
	"embedded:io/socket/tcp/tls": "hosts/shared/embedded/socket/tls",
	"embedded:io/socket/listener": "hosts/shared/embedded/socket/listener",
	"embedded:io/socket/udp": "hosts/shared/embedded/socket/udp",
	"embedded:network/interface/wifi": "hosts/shared/embedded/network/wifi",
	"embedded:network/dns/resolver/udp": "hosts/shared/embedded/network/resolver",
	"embedded:network/ntp/client": "hosts/shared/embedded/network/ntp",
	"embedded:network/websocket/client": "hosts/shared/embedded/network/websocket/client",
	"embedded:network/ws/client": "hosts/shared/embedded/network/websocket/client",
	"embedded:network/mqtt/client": "modules/mqtt/client",
	"embedded:storage/key-value": "hosts/shared/embedded/storage/key-value",
	"embedded:storage/flash": "hosts/shared/embedded/storage/flash",
	"embedded:update": "hosts/shared/embedded/update",
	"embedded:sensor/Humidity-Temperature/SHT3x": "hosts/desktop/sensor/sht3x",
	"embedded:sensor/Humidity-Temperature/AHT10": "hosts/desktop/sensor/aht10",
	"embedded:sensor/Barometer-Temperature/BMP280": "hosts/desktop/sensor/bmp280",
	"embedded:sensor/Temperature/TMP117": "hosts/desktop/sensor/tmp117",
});
