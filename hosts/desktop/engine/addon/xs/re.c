/* XS 17.7 takes the captures of a ROM's regular expression from malloc, and collects them as a chunk: the heap breaks. */
#include "xsAll.h"
#if VG_XS17
	#define fxAllocateRegExpData xsAllocateRegExpData
	static txInteger* xsAllocateRegExpData(void* the, txInteger* code);
#endif
#include "xsre.c"
#if VG_XS17
	#undef fxAllocateRegExpData
/* code: flags; counts of captures, names, assertions and quantifiers. */
txInteger* fxAllocateRegExpData(void* the, txInteger* code)
{
	size_t size = code[1] * sizeof(txCaptureData) + code[2] * sizeof(txInteger)
		+ code[3] * sizeof(txAssertionData) + code[4] * sizeof(txQuantifierData);
	(void)xsAllocateRegExpData;
	return fxNewChunk(the, (txSize)size);
}
#endif
