/*
	The heap of a machine, budgeted as on the 32-bit board: stack, slots and chunks share one pool of `heap` bytes.

	A slot is charged 16 bytes, though it takes 32 here. A chunk that holds slots or pointers ("wide") is charged half of
	its size, any other chunk its size less 8, the difference of the headers. What remains approximate: bytes are rounded
	up to 8 instead of 4 (2 bytes a chunk on average), and a regular expression's captures count as they are here.
	The kind of a chunk is kept in the header word that 64-bit XS leaves unused.
*/
#include <sys/mman.h>
#include "engine.h"
#include "chunks.h"

#define VG_SLOT_BOARD 16
#define VG_ROM_SIZE (96 * 1024 * 1024)
#define VG_CHUNK_SLACK (64 * 1024)
#define VG_PAGE 4096
/* What a machine at rest keeps on its stack: in the same page as its first slots, so that small machines touch one page less. */
#define VG_STACK_AT_REST 2048

static VgPool* poolOf(txMachine* the)
{
	return &((VgMachine*)the->context)->pool;
}

static size_t pages(size_t size)
{
	return (size + 16383) & ~(size_t)16383;
}

/* heap 0: no limit. */
txBoolean vgPoolBegin(VgPool* pool, txSize heap, txSize stackCount)
{
	size_t stack = (size_t)stackCount * sizeof(txSlot);
	size_t chunks = pages(heap ? (size_t)heap * 2 + VG_CHUNK_SLACK : VG_ROM_SIZE);
	size_t slots = pages((heap ? (size_t)heap * 2 : VG_ROM_SIZE) + stack + VG_PAGE);
	txByte* base = vgAreaTake(chunks + slots, !heap);
	if (!base)
		return 0;
	pool->base = base;
	pool->size = chunks + slots;
	pool->chunksLimit = base + chunks;
	pool->slots = base + chunks + ((VG_STACK_AT_REST - stack) & (VG_PAGE - 1));
	pool->slotsLimit = base + chunks + slots;
	pool->heapBoard = heap;
	return 1;
}

void vgPoolEnd(VgPool* pool)
{
	if (pool->base)
		vgAreaGive(pool->base, pool->size);
	pool->base = NULL;
}

/* From now on a write is a segmentation fault. */
void vgPoolProtect(VgPool* pool)
{
	mprotect(pool->base, pool->size, PROT_READ);
}

static txSize chunkBoard(txSize size, txBoolean wide)
{
	return wide ? size / 2 : size - 8;
}

static txSize tail(txMachine* the)
{
	return the->firstBlock ? (txSize)(the->firstBlock->limit - the->firstBlock->current) : 0;
}

/* Counts the chunks anew, and takes back what the board would not have: of a wide chunk twice as much became free here. */
void vgPoolCount(txMachine* the)
{
	VgPool* pool = poolOf(the);
	txBlock* block = the->firstBlock;
	txSize total = 0, rest;
	txByte* current;
	if (!block)
		return;
	current = (txByte*)(block + 1);
	while (current < block->current) {
		txChunk* chunk = (txChunk*)current;
		total += chunkBoard((txSize)(chunk->temporary - current), chunk->dummy);
		current = chunk->temporary;
	}
	pool->chunksBoard = total;
	rest = pool->heapBoard - pool->stackBoard - pool->slotsBoard - total;
	if (pool->heapBoard && tail(the) > rest)
		block->limit = block->current + (rest > 0 ? rest : 0);
}

/* What the board's pool would have handed out. */
txSize vgPoolReserved(VgMachine* machine)
{
	VgPool* pool = &machine->pool;
	return pool->stackBoard + pool->slotsBoard + pool->chunksBoard + tail(machine->the);
}

/* XS calls this at the end of each collection. */
void vgCollected(txMachine* the)
{
	poolOf(the)->collections++;
	vgPoolCount(the);
#if VG_XS17
	/* It would grow by a step though the chunk fits now: near the limit memory would be full too early. */
	the->collectFlag &= ~XS_TRASHING_CHUNKS_FLAG;
#endif
}

static void addChunk(txMachine* the, txChunk* chunk, txSize former)
{
	VgPool* pool = poolOf(the);
	txSize size = (txSize)(chunk->temporary - (txByte*)chunk);
	pool->chunksBoard += chunkBoard(size, chunk->dummy) - (former ? chunkBoard(former, chunk->dummy) : 0);
	if (pool->peakChunksBoard < pool->chunksBoard)
		pool->peakChunksBoard = pool->chunksBoard;
}

static void* newChunk(txMachine* the, void* data, txBoolean wide)
{
	txChunk* chunk = (txChunk*)data - 1;
	chunk->dummy = wide;
	poolOf(the)->wideRequest = 0;
	addChunk(the, chunk, 0);
	return data;
}

void* fxNewChunk(txMachine* the, txSize size)
{
	poolOf(the)->wideRequest = 0;
	return newChunk(the, xsNewChunk(the, size), 0);
}

void* fxNewGrowableChunk(txMachine* the, txSize size, txSize capacity)
{
	poolOf(the)->wideRequest = 0;
	return newChunk(the, xsNewGrowableChunk(the, size, capacity), 0);
}

void* vgNewWideChunk(txMachine* the, txSize size)
{
	poolOf(the)->wideRequest = 1;
	return newChunk(the, xsNewChunk(the, size), 1);
}

void* vgNewWideGrowableChunk(txMachine* the, txSize size, txSize capacity)
{
	poolOf(the)->wideRequest = 1;
	return newChunk(the, xsNewGrowableChunk(the, size, capacity), 1);
}

void* fxRenewChunk(txMachine* the, void* data, txSize size)
{
	txChunk* chunk = (txChunk*)data - 1;
	txSize former = (txSize)(chunk->temporary - (txByte*)chunk);
	data = xsRenewChunk(the, data, size);
	if (data)
		addChunk(the, chunk, former);
	return data;
}

/* The board's keys are 16 bits wide, and so are these. */
void fxGrowKeys(txMachine* the, txID count)
{
	if ((txSize)the->keyCount + the->keyDelta + count > 0xFF00)
		fxAbort(the, XS_NO_MORE_KEYS_EXIT);
	xsGrowKeys(the, count);
}

/*
	XS asks for `size` bytes, a block header included, and adds them to the first block if the answer is that block's end.
	The block's unused tail serves first, so the end is moved back by as much.
*/
void* fxAllocateChunks(txMachine* the, txSize size)
{
	VgPool* pool = poolOf(the);
	txBlock* block = the->firstBlock;
	txSize chunk = size - (txSize)sizeof(txBlock);
	if (!block)
		return pool->base + size <= pool->chunksLimit ? pool->base : NULL;
	vgPoolCount(the);
	if (pool->heapBoard) {
		txSize others = pool->stackBoard + pool->slotsBoard + pool->chunksBoard;
		if (pool->heapBoard - others < chunkBoard(chunk, pool->wideRequest))
			return NULL;
	}
	if (pool->chunksLimit - block->current < (ptrdiff_t)chunk)
		return NULL;
	block->limit = block->current + chunk - size;
	return block->limit;
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	(void)the;
	(void)chunks;
}

static txBoolean slotsFit(txMachine* the, txSize board)
{
	VgPool* pool = poolOf(the);
	return !pool->heapBoard || pool->heapBoard - vgPoolReserved(the->context) >= board;
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	VgMachine* machine = the->context;
	VgPool* pool = &machine->pool;
	txSize board = count * VG_SLOT_BOARD;
	txSlot* result;
	if (count <= 0 || (size_t)(pool->slotsLimit - pool->slots) < count * sizeof(txSlot))
		return NULL;
	machine->the = the;
	if (!the->stackBottom)
		pool->stackBoard = board;
	else {
		if (!slotsFit(the, board) && (the->collectFlag & XS_COLLECTING_FLAG)) {
			/* as the board does: compact, and take back what the chunks leave free */
			fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
			the->firstBlock->limit = the->firstBlock->current;
			vgPoolCount(the);
		}
		if (!slotsFit(the, board))
			return NULL;
		pool->slotsBoard += board;
	}
#if VG_XS17
	the->growHeapDirection = 1; /* XS 13 sees it by itself */
#endif
	result = (txSlot*)pool->slots;
	pool->slots += count * sizeof(txSlot);
	return result;
}

void fxFreeSlots(txMachine* the, void* slots)
{
	(void)the;
	(void)slots;
}
