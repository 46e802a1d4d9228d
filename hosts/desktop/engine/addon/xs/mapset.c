#include "../wide.h"
#include "xsMapSet.c"
