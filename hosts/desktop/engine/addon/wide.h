/* For XS files that take chunks of slots and chunks of bytes: the size's expression tells which. Folded by the compiler. */
#include "xsAll.h"
#include "chunks.h"
#define fxNewChunk(the, size) \
	(strstr(#size, "sizeof(txSlot") ? vgNewWideChunk(the, size) : (fxNewChunk)(the, size))
