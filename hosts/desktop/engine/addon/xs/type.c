/*
	Every chunk of this file is a copy of an array, made for the slot `to`. While a ROM's array is copied, `to` still points
	into the ROM; should the new chunk need a collection, that would mark and move what is not the machine's.
*/
#include "xsAll.h"
#include "../chunks.h"
#define fxNewChunk(the, size) (to->value.array.address = C_NULL, vgNewWideChunk(the, size))
#include "xsType.c"
