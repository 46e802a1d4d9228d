#pragma once
#include <stddef.h>
#define MALLOC_CAP_8BIT (1 << 2)
size_t heap_caps_get_free_size(unsigned capabilities);
