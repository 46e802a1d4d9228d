/* What `device.system` needs of ESP-IDF and Moddable does not have. */

#include "xsmc.h"
#include "xsHost.h"

#include "esp_heap_caps.h"
#include "esp_mac.h"
#include "app_update/include/esp_ota_ops.h"
#include "esp_random.h"
#include "esp_sleep.h"
#include "esp_system.h"
#include "esp_task_wdt.h"

void xs_vagalume_reset_reason(xsMachine* the)
{
	xsmcSetInteger(xsResult, (int)esp_reset_reason());
}

void xs_vagalume_restart(xsMachine* the)
{
	esp_restart();
}

/* (milliseconds) */
void xs_vagalume_deep_sleep(xsMachine* the)
{
	double milliseconds = xsmcToNumber(xsArg(0));
	esp_sleep_enable_timer_wakeup((uint64_t)(milliseconds * 1000));
	esp_deep_sleep_start();
}

void xs_vagalume_mac_address(xsMachine* the)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t mac[6];
	char text[13];
	int i;
	if (ESP_OK != esp_read_mac(mac, ESP_MAC_WIFI_STA))
		xsUnknownError("the board has no MAC address");
	for (i = 0; i < 6; i++) {
		text[2 * i] = digits[mac[i] >> 4];
		text[2 * i + 1] = digits[mac[i] & 15];
	}
	text[12] = 0;
	xsmcSetString(xsResult, text);
}

void xs_vagalume_free_heap(xsMachine* the)
{
	xsmcSetNumber(xsResult, (double)heap_caps_get_free_size(MALLOC_CAP_8BIT));
}

/* (buffer): the hardware's generator, which is fit for keys while the radio is on */
void xs_vagalume_random(xsMachine* the)
{
	void* data;
	xsUnsignedValue size;
	xsmcGetBufferWritable(xsArg(0), &data, &size);
	esp_fill_random(data, size);
}

/* The firmware's own entry in the task watchdog; the SDK's loop has another. */
static esp_task_wdt_user_handle_t watchdog = NULL;

/* (milliseconds): 0 ends it. The time is that of all who are watched: the longest that the SDK allows itself is a bit less. */
void xs_vagalume_watchdog_start(xsMachine* the)
{
	int timeout = xsmcToInteger(xsArg(0));
	if (watchdog) {
		esp_task_wdt_delete_user(watchdog);
		watchdog = NULL;
	}
	if (timeout > 0) {
		esp_task_wdt_config_t config = { .timeout_ms = (uint32_t)timeout, .idle_core_mask = 0, .trigger_panic = true };
		if (timeout < CONFIG_ESP_TASK_WDT_TIMEOUT_S * 1000)
			config.timeout_ms = CONFIG_ESP_TASK_WDT_TIMEOUT_S * 1000;
		if (ESP_OK != esp_task_wdt_reconfigure(&config) || ESP_OK != esp_task_wdt_add_user("vagalume", &watchdog))
			xsUnknownError("the task watchdog cannot be set");
	}
}

void xs_vagalume_watchdog_feed(xsMachine* the)
{
	if (watchdog)
		esp_task_wdt_reset_user(watchdog);
}

void xs_vagalume_firmware_on_trial(xsMachine* the)
{
	esp_ota_img_states_t state;
	const esp_partition_t* running = esp_ota_get_running_partition();
	int onTrial = (ESP_OK == esp_ota_get_state_partition(running, &state)) && (ESP_OTA_IMG_PENDING_VERIFY == state);
	xsmcSetBoolean(xsResult, onTrial);
}

void xs_vagalume_firmware_confirm(xsMachine* the)
{
	if (ESP_OK != esp_ota_mark_app_valid_cancel_rollback())
		xsUnknownError("the firmware cannot be confirmed");
}

/* Checks the image in the slot that does not run, and lets it boot next, on trial. */
void xs_vagalume_firmware_activate(xsMachine* the)
{
	const esp_partition_t* next = esp_ota_get_next_update_partition(NULL);
	if (!next || ESP_OK != esp_ota_set_boot_partition(next))
		xsUnknownError("the other slot has no firmware that can boot");
}

/* Boots the other slot; comes back only if there is nothing in it. */
void xs_vagalume_firmware_rollback(xsMachine* the)
{
	esp_ota_mark_app_invalid_rollback_and_reboot();
	xsUnknownError("there is no firmware to roll back to");
}
