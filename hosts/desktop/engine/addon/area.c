/*
	Address space for pools: a page costs memory from its first use on. Areas are taken from the system in blocks of
	sixteen, because to map, to advise and to unmap takes as long as the rest of making a machine. A machine lives and ends
	on one thread, so each thread has its own blocks.
*/
#include <sys/mman.h>
#include "engine.h"

#ifndef MAP_NORESERVE
	#define MAP_NORESERVE 0
#endif
#define VG_AREAS 16

typedef struct VgAreas VgAreas;
struct VgAreas {
	VgAreas* next;
	txByte* base;
	size_t size;   /* of one area */
	unsigned used; /* a bit an area */
};

static _Thread_local VgAreas* blocks;

/* NULL: no address space left. */
static txByte* map(size_t size)
{
	txByte* base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
#ifdef MADV_NOHUGEPAGE
	madvise(base, size, MADV_NOHUGEPAGE);
#endif
	return base;
}

static VgAreas* newBlock(size_t size)
{
	VgAreas* block = malloc(sizeof(VgAreas));
	txByte* base = block ? map(size * VG_AREAS) : NULL;
	if (!base) {
		free(block);
		return NULL;
	}
	block->next = blocks;
	block->base = base;
	block->size = size;
	block->used = 0;
	blocks = block;
	return block;
}

/* `single`: an area of its own, for what is large and rare. size: whole pages. */
txByte* vgAreaTake(size_t size, txBoolean single)
{
	VgAreas* block = blocks;
	unsigned i = 0;
	if (single)
		return map(size);
	while (block && (block->size != size || block->used == (1u << VG_AREAS) - 1))
		block = block->next;
	if (!block)
		block = newBlock(size);
	if (!block)
		return NULL;
	while (block->used & (1u << i))
		i++;
	block->used |= 1u << i;
	return block->base + i * size;
}

/* The next who gets the area finds anything in it. */
void vgAreaGive(txByte* base, size_t size)
{
	VgAreas **address = &blocks, *block;
	while ((block = *address) && (base < block->base || block->base + VG_AREAS * block->size <= base))
		address = &block->next;
	if (!block) {
		munmap(base, size);
		return;
	}
	block->used &= ~(1u << ((size_t)(base - block->base) / size));
	if (block->used) {
#ifdef __linux__
		madvise(base, size, MADV_DONTNEED);
#else
		madvise(base, size, MADV_FREE);
#endif
	}
	else {
		*address = block->next;
		munmap(block->base, VG_AREAS * size);
		free(block);
	}
}
