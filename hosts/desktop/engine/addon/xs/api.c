/* meter.c checks the stack: see fxOverflow there. */
#include "../wide.h"
#define fxOverflow xsOverflow
extern void xsOverflow(txMachine* the, txInteger count, txString path, txInteger line);
#include "xsAPI.c"
