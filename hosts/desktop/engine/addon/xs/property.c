/* Every chunk of this file is an array's. */
#include "xsAll.h"
#include "../chunks.h"
#define fxNewChunk vgNewWideChunk
#define fxNewGrowableChunk vgNewWideGrowableChunk
#include "xsProperty.c"
