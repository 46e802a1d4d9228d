/* A wire that DHT22 and DS18B20 hang on: pulses of microseconds, with interrupts off while they are made or measured. */

#include "xsmc.h"
#include "xsHost.h"

#include "driver/gpio.h"
#include "esp_rom_sys.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"

/* us after which a wire that does not change is still */
#define STILL 1000
/* us that a part may be watched with interrupts off: a DHT22's whole answer takes 5 ms */
#define WATCHED 8000

static portMUX_TYPE lock = portMUX_INITIALIZER_UNLOCKED;

static int pinOf(xsMachine* the)
{
	return xsmcToInteger(xsArg(0));
}

/* (pin): open drain, so that letting go is writing 1 */
void xs_vagalume_wire_open(xsMachine* the)
{
	int pin = pinOf(the);
	gpio_config_t config = {
		.pin_bit_mask = 1ULL << pin,
		.mode = GPIO_MODE_INPUT_OUTPUT_OD,
		.pull_up_en = GPIO_PULLUP_ENABLE,
		.pull_down_en = GPIO_PULLDOWN_DISABLE,
		.intr_type = GPIO_INTR_DISABLE,
	};
	if (!GPIO_IS_VALID_OUTPUT_GPIO(pin))
		xsRangeError("PulseWire: this pin has no output");
	gpio_set_level(pin, 1);
	if (ESP_OK != gpio_config(&config))
		xsUnknownError("PulseWire: the pin cannot be set up");
}

/* (pin, us, widths) -> how many widths */
void xs_vagalume_wire_exchange(xsMachine* the)
{
	int pin = pinOf(the);
	int low = xsmcToInteger(xsArg(1));
	void* data;
	xsUnsignedValue size;
	uint16_t* widths;
	int count = 0, room, level = 1;
	int64_t start, since, now;

	xsmcGetBufferWritable(xsArg(2), &data, &size);
	widths = data;
	room = (int)(size / sizeof(uint16_t));

	gpio_set_level(pin, 0);
	esp_rom_delay_us((uint32_t)low);
	portENTER_CRITICAL(&lock);
	gpio_set_level(pin, 1);
	/* The pull-up takes its time. */
	start = since = esp_timer_get_time();
	while (!gpio_get_level(pin) && (esp_timer_get_time() - start < 20))
		;
	while (count < room) {
		int found = gpio_get_level(pin);
		now = esp_timer_get_time();
		if (found != level) {
			widths[count++] = (uint16_t)(now - since);
			since = now;
			level = found;
		}
		else if ((now - since > STILL) || (now - start > WATCHED))
			break;
	}
	portEXIT_CRITICAL(&lock);
	xsmcSetInteger(xsResult, count);
}

/* (pin) -> whether a part is there */
void xs_vagalume_wire_reset(xsMachine* the)
{
	int pin = pinOf(the), present;
	gpio_set_level(pin, 0);
	esp_rom_delay_us(480);
	portENTER_CRITICAL(&lock);
	gpio_set_level(pin, 1);
	esp_rom_delay_us(70);
	present = !gpio_get_level(pin);
	portEXIT_CRITICAL(&lock);
	esp_rom_delay_us(410);
	xsmcSetBoolean(xsResult, present);
}

/* (pin, bit) -> the bit that was read */
void xs_vagalume_wire_bit(xsMachine* the)
{
	int pin = pinOf(the), value = xsmcToInteger(xsArg(1)), found = 0;
	portENTER_CRITICAL(&lock);
	gpio_set_level(pin, 0);
	if (value) {
		esp_rom_delay_us(6);
		gpio_set_level(pin, 1);
		esp_rom_delay_us(9);
		found = gpio_get_level(pin);
		portEXIT_CRITICAL(&lock);
		esp_rom_delay_us(55);
	}
	else {
		esp_rom_delay_us(60);
		gpio_set_level(pin, 1);
		portEXIT_CRITICAL(&lock);
		esp_rom_delay_us(10);
	}
	xsmcSetInteger(xsResult, found);
}
