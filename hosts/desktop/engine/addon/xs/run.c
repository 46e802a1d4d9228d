/* A debugger costs machines without one nothing but this test at each line. No profiler: each line would ask for it too. */
#include "../wide.h"
extern txBoolean vgIsReadable(txMachine* the);
#define fxIsReadable(the) ((the)->debugged && vgIsReadable(the))
#define fxCheckProfiler(the, frame) ((void)0)
#include "xsRun.c"
