/* The ROM: a machine that builds the built-ins, evaluates what is preloaded, and is then shared, read-only, by all others. */
#include "engine.h"

#define VG_NAMES 251
#define VG_SYMBOLS 7

static const txCreation gxRomCreation = {
	256 * 1024, 64 * 1024, /* chunks: initial, incremental (bytes) */
	16 * 1024, 4 * 1024,   /* slots */
	4096,                  /* stack, in slots */
	4096, 1024,            /* keys */
	VG_NAMES, VG_SYMBOLS,
	32 * 1024, 1993,       /* parser of eval and Function */
	0
};

/* XS's own would write into the ROM. */
static void setTime(txMachine* the)
{
	if (mxThis->kind == XS_REFERENCE_KIND && (mxThis->value.reference->flag & XS_MARK_FLAG))
		vgThrowText(the, &mxTypeErrorConstructor, "Date.prototype.setTime: Date instance is read-only");
	fx_Date_prototype_setTime(the);
}

/* Where the built-ins end: XS hands out the slots of its first block in order. */
static void addGlobals(VgMachine* machine, void* argument)
{
	txMachine* the = machine->the;
	fxBeginHost(the);
	fxNewHostFunction(the, vgTrace, 1, fxID(the, "trace"), XS_NO_ID);
	mxPush(mxGlobal);
	mxSetID(fxID(the, "trace"));
	mxPop();
	fxNewHostFunction(the, setTime, 1, mxID(_setTime), XS_NO_ID);
	mxPush(mxDatePrototype);
	mxDefineID(mxID(_setTime), XS_DONT_ENUM_FLAG, XS_GET_ONLY | XS_DONT_ENUM_FLAG);
	mxPop();
	fxEndHost(the);
	*(txSlot**)argument = the->freeHeap;
}

VgRom* vgRomCreate(napi_env env)
{
	VgRom* rom = calloc(1, sizeof(VgRom));
	VgMachine* machine;
	VgMachine* outer = vgCurrent;
	txCreation creation = gxRomCreation;
	if (!rom)
		return NULL;
	machine = &rom->machine;
	rom->env = env;
	rom->uses = 1;
	machine->rom = rom;
	machine->time = NAN;
	vgBlocksBegin(machine);
	vgCurrent = machine;
	if (vgPoolBegin(&machine->pool, 0, creation.stackCount))
		machine->the = fxCreateMachine(&creation, "rom", machine, XS_NO_ID);
	vgCurrent = outer;
	if (!machine->the) {
		vgRomRelease(rom);
		return NULL;
	}
	fxRemember(machine->the, &machine->listener);
	vgEnter(env, machine, addGlobals, &rom->builtinsLimit);
	vgEnter(env, machine, vgImport, "vagalume:host");
	return rom;
}

/* A body for vgEnter. After it no script can be linked and nothing in the ROM changes. running: what stands against it. */
void vgRomShare(VgMachine* machine, void* running)
{
	VgRom* rom = machine->rom;
	txMachine* the = machine->the;
	VgScript* script;
	fxCollectGarbage(the);
	*(const char**)running = vgFindRunning(the);
	if (*(const char**)running)
		return;
	fxForget(the, &machine->listener);
	mxPushSlot(&machine->listener); /* kept by the stack, which the ROM never pops */
	vgFreeze(the, rom->builtinsLimit);
	fxShareMachine(the);
	machine->listener.value = the->stack->value;
	vgSettle(the);
	rom->shared = 1;
	rom->size = the->currentHeapCount * (txSize)sizeof(txSlot) + the->currentChunksSize;
	for (script = rom->scripts; script; script = script->next)
		rom->size += script->script->codeSize;
}

void vgRomRelease(VgRom* rom)
{
	if (--rom->uses)
		return;
	if (rom->resolve)
		napi_delete_reference(rom->env, rom->resolve);
	if (rom->load)
		napi_delete_reference(rom->env, rom->load);
	vgPoolEnd(&rom->machine.pool);
	vgBlocksEnd(&rom->machine);
	free(rom->machine.message);
	free(rom->machine.stack);
	free(rom);
}
