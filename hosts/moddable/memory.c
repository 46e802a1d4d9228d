/* What the engine's heap holds: the SDK has it for instrumented builds only. */

#include "xsAll.h"
#include "xsmc.h"

/* Slots count as the 16 bytes that they are on a 32-bit board. */
#define SLOT 16

/* (index) -> bytes; see vagalume:host. Index 11 collects the garbage. */
void xs_vagalume_memory(xsMachine* the)
{
	double value = 0;
	switch (xsmcToInteger(xsArg(0))) {
		case 0: value = (double)the->maximumHeapCount * SLOT + the->maximumChunksSize; break;
		case 1: value = (double)(the->stackTop - the->stackBottom) * SLOT; break;
		case 2: value = (double)the->currentHeapCount * SLOT; break;
		case 3: value = (double)the->peakHeapCount * SLOT; break;
		case 4: value = the->currentChunksSize; break;
		case 5: value = the->peakChunksSize; break;
		case 6: value = (double)the->maximumHeapCount * SLOT + the->maximumChunksSize; break;
#ifdef mxInstrument
		case 7: value = the->garbageCollectionCount; break;
		case 8: value = the->stackTop - the->stackPeak; break;
#endif
		case 9: value = the->keyIndex; break;
		case 11: xsCollectGarbage(); break;
		default: break;
	}
	xsmcSetNumber(xsResult, value);
}

/* () -> "17.8.1" */
void xs_vagalume_engine(xsMachine* the)
{
	char text[32];
	c_snprintf(text, sizeof(text), "%d.%d.%d", (int)XS_MAJOR_VERSION, (int)XS_MINOR_VERSION, (int)XS_PATCH_VERSION);
	xsmcSetString(xsResult, text);
}
