/* XS's memory, with the functions that pool.c and meter.c stand in front of under other names. */
#include "xsAll.h"
#define fxNewChunk xsNewChunk
#define fxNewGrowableChunk xsNewGrowableChunk
#define fxRenewChunk xsRenewChunk
#define fxGrowKeys xsGrowKeys
#define fxCheckCStack vgCheckCStack
#define fxCheckProfiler(the, frame) vgCollected(the)
extern void* xsNewChunk(txMachine* the, txSize size);
extern void* xsNewGrowableChunk(txMachine* the, txSize size, txSize capacity);
extern void* xsRenewChunk(txMachine* the, void* data, txSize size);
extern void xsGrowKeys(txMachine* the, txID count);
extern void vgCheckCStack(txMachine* the);
extern void vgCollected(txMachine* the);
#include "xsMemory.c"
