/* Stubs of ESP-IDF v6.0, by its documentation: enough to check that our C files call what there is. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

typedef int esp_err_t;
#define ESP_OK 0

typedef enum { ESP_RST_UNKNOWN, ESP_RST_POWERON } esp_reset_reason_t;
esp_reset_reason_t esp_reset_reason(void);
void esp_restart(void) __attribute__((noreturn));
