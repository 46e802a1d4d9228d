/* No SharedArrayBuffer (RangeError): its bytes would be beside the heap, without a limit, and no second thread could see them. */
#include "xsAll.h"
#undef c_malloc
#define c_malloc(size) ((size), NULL)
#include "xsAtomics.c"
