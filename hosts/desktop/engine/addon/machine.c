/* One board's machine: a clone of the ROM with its own heap. */
#include "engine.h"

/* A small start keeps a thousand machines small; growth is in the board's steps. The slots fill the pages that they begin. */
#define VG_CHUNKS_INITIAL 6144
#define VG_CHUNKS_STEP 1024
#define VG_SLOTS_INITIAL 320
#define VG_SLOTS_STEP 64
#define VG_KEYS 32

VgMachine* vgMachineCreate(VgRom* rom, const char* name, size_t nameLength, txSize heap, txSize stack, VgDebugger* debugger)
{
	VgMachine* machine = calloc(1, sizeof(VgMachine));
	VgMachine* outer = vgCurrent;
	txMachine* shared = rom->machine.the;
	txCreation creation = {
		VG_CHUNKS_INITIAL, VG_CHUNKS_STEP, VG_SLOTS_INITIAL, VG_SLOTS_STEP, 0, VG_KEYS, VG_KEYS,
		0, 0, 32 * 1024, 1993, 0
	};
	if (!machine)
		return NULL;
	creation.stackCount = stack;
	creation.nameModulo = shared->nameModulo;
	creation.symbolModulo = shared->symbolModulo;
	machine->rom = rom;
	machine->debugger = debugger;
	machine->time = NAN;
	machine->name = vgCopyText(name, nameLength);
	rom->uses++;
	vgBlocksBegin(machine);
	vgCurrent = machine;
	if (vgPoolBegin(&machine->pool, heap, stack))
		machine->the = fxCloneMachine(&creation, shared, machine->name, machine);
	vgCurrent = outer;
	if (!machine->the || machine->reason != VG_ALIVE) {
		machine->the = NULL;
		return machine;
	}
	machine->listener.kind = rom->machine.listener.kind;
	machine->listener.value = rom->machine.listener.value;
	fxRemember(machine->the, &machine->listener);
	return machine;
}

/* Whatever state the heap is in: nothing in it is looked at. Figures, message and stack remain. */
void vgMachineEnd(VgMachine* machine)
{
	if (!machine->rom)
		return;
	if (machine->the)
		vgStatistics(machine, machine->figures);
	machine->the = NULL;
	vgDebuggerDelete(machine->debugger);
	machine->debugger = NULL;
	vgPoolEnd(&machine->pool);
	vgBlocksEnd(machine);
	vgRomRelease(machine->rom);
	machine->rom = NULL;
}

/* In bytes as on the board, if not said otherwise. The order is that of VgFigure. */
void vgStatistics(VgMachine* machine, double* figures)
{
	txMachine* the = machine->the;
	VgPool* pool = &machine->pool;
	if (!the) {
		memcpy(figures, machine->figures, sizeof(machine->figures));
		return;
	}
	vgPoolCount(the);
	figures[VG_HEAP] = pool->heapBoard;
	figures[VG_STACK] = pool->stackBoard;
	figures[VG_SLOTS] = (double)the->currentHeapCount * 16;
	figures[VG_SLOTS_PEAK] = (double)the->peakHeapCount * 16;
	figures[VG_CHUNKS] = pool->chunksBoard;
	figures[VG_CHUNKS_PEAK] = pool->peakChunksBoard;
	figures[VG_RESERVED] = vgPoolReserved(machine);
	figures[VG_COLLECTIONS] = (double)pool->collections;
	figures[VG_STACK_PEAK] = (double)(the->stackTop - the->stackPeak);
	figures[VG_KEYS_USED] = (double)(the->keyIndex - the->keyOffset);
	figures[VG_COMPUTE] = (double)vgMeterNow(machine);
}
