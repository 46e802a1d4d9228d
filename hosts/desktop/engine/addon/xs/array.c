#include "../wide.h"
#include "xsArray.c"
