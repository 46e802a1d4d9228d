/* Which chunks hold slots or pointers, and are half as big on the 32-bit board. See pool.c. */
#ifndef VG_CHUNKS
#define VG_CHUNKS

extern void* vgNewWideChunk(txMachine* the, txSize size);
extern void* vgNewWideGrowableChunk(txMachine* the, txSize size, txSize capacity);

/* XS's own functions, which xs/memory.c compiles under these names */
extern void* xsNewChunk(txMachine* the, txSize size);
extern void* xsNewGrowableChunk(txMachine* the, txSize size, txSize capacity);
extern void* xsRenewChunk(txMachine* the, void* data, txSize size);
extern void xsGrowKeys(txMachine* the, txID count);

#endif
