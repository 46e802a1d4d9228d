/* Memory that XS takes from malloc: parser, tables, jump buffers of `try`. Listed by machine and swept at its end. */
#include "engine.h"

_Thread_local VgMachine* vgCurrent;

/* Blocks taken while no machine runs (none are expected) are left to themselves: a list of one. */
static void insert(VgBlock* block)
{
	if (vgCurrent) {
		VgBlock* list = &vgCurrent->blocks;
		block->previous = list;
		block->next = list->next;
		list->next->previous = block;
		list->next = block;
	}
	else {
		block->previous = block;
		block->next = block;
	}
}

static void remove_(VgBlock* block)
{
	block->previous->next = block->next;
	block->next->previous = block->previous;
}

void vgBlocksBegin(VgMachine* machine)
{
	machine->blocks.previous = machine->blocks.next = &machine->blocks;
}

void vgBlocksEnd(VgMachine* machine)
{
	VgBlock* block = machine->blocks.next;
	while (block != &machine->blocks) {
		VgBlock* next = block->next;
		free(block);
		block = next;
	}
	vgBlocksBegin(machine);
}

void* vgMalloc(size_t size)
{
	VgBlock* block = malloc(sizeof(VgBlock) + size);
	if (!block)
		return NULL;
	insert(block);
	return block + 1;
}

void* vgCalloc(size_t count, size_t size)
{
	VgBlock* block = calloc(1, sizeof(VgBlock) + count * size);
	if (!block)
		return NULL;
	insert(block);
	return block + 1;
}

void* vgRealloc(void* data, size_t size)
{
	VgBlock* block;
	if (!data)
		return vgMalloc(size);
	block = (VgBlock*)data - 1;
	remove_(block);
	data = realloc(block, sizeof(VgBlock) + size);
	if (data)
		block = data;
	insert(block);
	return data ? block + 1 : NULL;
}

void vgFree(void* data)
{
	VgBlock* block;
	if (!data)
		return;
	block = (VgBlock*)data - 1;
	remove_(block);
	free(block);
}

/* Not listed: for texts that outlive their machine's heap. */
char* vgCopyText(const char* text, size_t length)
{
	char* result = malloc(length + 1);
	if (result) {
		memcpy(result, text, length);
		result[length] = 0;
	}
	return result;
}
