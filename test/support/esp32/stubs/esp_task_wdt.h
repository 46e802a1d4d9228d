#pragma once
#include "esp_system.h"
#define CONFIG_ESP_TASK_WDT_TIMEOUT_S 10

typedef struct {
	uint32_t timeout_ms;
	uint32_t idle_core_mask;
	bool trigger_panic;
} esp_task_wdt_config_t;
typedef struct esp_task_wdt_user_handle_s* esp_task_wdt_user_handle_t;
esp_err_t esp_task_wdt_reconfigure(const esp_task_wdt_config_t* config);
esp_err_t esp_task_wdt_add_user(const char* name, esp_task_wdt_user_handle_t* handle);
esp_err_t esp_task_wdt_reset_user(esp_task_wdt_user_handle_t handle);
esp_err_t esp_task_wdt_delete_user(esp_task_wdt_user_handle_t handle);
