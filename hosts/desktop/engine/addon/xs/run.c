/* No debugger and no profiler: each line of firmware would ask for both. */
#include "../wide.h"
#define fxIsReadable(the) 0
#define fxCheckProfiler(the, frame) ((void)0)
#include "xsRun.c"
