#pragma once
typedef struct { int owner; } portMUX_TYPE;
#define portMUX_INITIALIZER_UNLOCKED { 0 }
void vPortEnterCritical(portMUX_TYPE* lock);
void vPortExitCritical(portMUX_TYPE* lock);
#define portENTER_CRITICAL(lock) vPortEnterCritical(lock)
#define portEXIT_CRITICAL(lock) vPortExitCritical(lock)
