#pragma once
#include "esp_system.h"
esp_err_t esp_sleep_enable_timer_wakeup(uint64_t microseconds);
void esp_deep_sleep_start(void) __attribute__((noreturn));
