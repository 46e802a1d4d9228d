/* Modules: the loader in JavaScript is asked once for each, the ROM keeps what came of it. */
#include "engine.h"

#define VG_HOST_ID "vagalume:host"

static VgScript* findScript(VgRom* rom, const char* id)
{
	VgScript* script = rom->scripts;
	while (script && strcmp(script->id, id))
		script = script->next;
	return script;
}

/* In the ROM's blocks, whichever machine runs. */
static VgScript* keep(VgRom* rom, const char* id, txScript* code, txBoolean linked)
{
	VgScript* script = vgMalloc(sizeof(VgScript));
	script->id = vgMalloc(strlen(id) + 1);
	strcpy(script->id, id);
	script->script = code;
	script->linked = linked;
	script->next = rom->scripts;
	rom->scripts = script;
	return script;
}

static napi_value loaderFunction(VgMachine* machine, napi_ref reference)
{
	napi_value function = NULL;
	napi_get_reference_value(machine->env, reference, &function);
	return function;
}

/* Of the ROM: vgRomCreate imports it first of all. */
static VgScript* compileHost(VgMachine* machine)
{
	txScript* script = vgCompile(machine->the, VG_HOST_ID, vgHostSource, strlen(vgHostSource), NULL, 0, mxCFlag);
	script->callback = (void*)vgHostModule;
	vgLink(machine->the, script);
	return keep(machine->rom, VG_HOST_ID, script, 1);
}

/* A text property of what `load` returned, in the machine's blocks; NULL if there is none. */
static char* sourceText(VgMachine* machine, napi_value source, const char* name, size_t* size)
{
	napi_value value;
	napi_valuetype type;
	char* text = NULL;
	*size = 0;
	if (napi_get_named_property(machine->env, source, name, &value) != napi_ok)
		return NULL;
	if (napi_typeof(machine->env, value, &type) == napi_ok && type == napi_string)
		vgTextFromHost(machine->env, value, &text, size);
	return text;
}

static VgScript* load(VgMachine* machine, const char* id)
{
	txMachine* the = machine->the;
	VgRom* rom = machine->rom;
	napi_value argument, source;
	char *path, *code, *map, *name = NULL;
	size_t pathSize, codeSize, mapSize;
	txScript* script;
	VgMachine* running = vgCurrent;
	vgOpenScope(machine);
	vgTextToHost(machine->env, id, strlen(id), &argument);
	source = vgCallHost(machine, loaderFunction(machine, rom->load), 1, &argument);
	path = sourceText(machine, source, "path", &pathSize);
	code = sourceText(machine, source, "code", &codeSize);
	map = sourceText(machine, source, "map", &mapSize);
	vgCloseScope(machine);
	if (!path || !code)
		vgThrowText(the, &mxTypeErrorConstructor, "module \"%s\": the loader gave no path or no code", id);
	script = vgCompile(the, path, code, codeSize, map, mapSize, 0);
	vgFree(path);
	vgFree(code);
	vgFree(map);
	name = vgMalloc(strlen(id) + 1);
	strcpy(name, id);
	if (!rom->shared)
		vgLink(the, script);
	else {
		/* what the machine compiled becomes the ROM's */
		txScript* mine = script;
		vgCurrent = &rom->machine;
		script = vgCopyScript(mine);
		vgCurrent = running;
		fxDeleteScript(mine);
	}
	vgCurrent = &rom->machine;
	{
		VgScript* result = keep(rom, name, script, !rom->shared);
		vgCurrent = running;
		vgFree(name);
		return result;
	}
}

txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	VgMachine* machine = the->context;
	napi_value arguments[2], result;
	napi_valuetype type;
	const char* referrer = moduleID == XS_NO_ID ? NULL : fxGetKeyName(the, moduleID);
	char* id = NULL;
	size_t size;
	txID found;
	(void)realm;
	if (!strcmp(slot->value.string, VG_HOST_ID))
		return fxNewNameC(the, VG_HOST_ID);
	vgOpenScope(machine);
	vgTextToHost(machine->env, slot->value.string, strlen(slot->value.string), &arguments[0]);
	arguments[1] = machine->undefined;
	if (referrer)
		vgTextToHost(machine->env, referrer, strlen(referrer), &arguments[1]);
	result = vgCallHost(machine, loaderFunction(machine, machine->rom->resolve), 2, arguments);
	if (napi_typeof(machine->env, result, &type) == napi_ok && type == napi_string)
		vgTextFromHost(machine->env, result, &id, &size);
	vgCloseScope(machine);
	if (!id)
		vgThrowText(the, &mxErrorConstructor, referrer ? "module \"%s\" not found, imported by \"%s\"" : "module \"%s\" not found",
			slot->value.string, referrer);
	found = fxNewNameC(the, id);
	vgFree(id);
	return found;
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID)
{
	VgMachine* machine = the->context;
	const char* id = fxGetKeyName(the, moduleID);
	VgScript* script = findScript(machine->rom, id);
	if (!script)
		script = strcmp(id, VG_HOST_ID) ? load(machine, id) : compileHost(machine);
	if (script->linked)
		fxResolveModule(the, module, moduleID, script->script, NULL, NULL);
	else {
		txScript* copy = vgCopyScript(script->script);
		if (!copy)
			fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
		fxResolveModule(the, module, moduleID, copy, NULL, NULL);
	}
}

static void fulfilled(txMachine* the)
{
	(void)the;
}

static void rejected(txMachine* the)
{
	mxException.kind = mxArgv(0)->kind;
	mxException.value = mxArgv(0)->value;
	fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
}

/* Also modules that await at their top level: they go on when what they await has come. */
void vgImport(VgMachine* machine, void* specifier)
{
	txMachine* the = machine->the;
	txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
	fxBeginHost(the);
	mxPushStringC((txString)specifier);
	fxRunImport(the, realm, XS_NO_ID);
	mxDub();
	mxGetID(mxID(_then));
	mxCall();
	fxNewHostFunction(the, fulfilled, 1, XS_NO_ID, XS_NO_ID);
	fxNewHostFunction(the, rejected, 1, XS_NO_ID, XS_NO_ID);
	mxRunCount(2);
	mxPop();
	fxEndHost(the);
}

/* Compiles a module into the ROM and leaves its body to each machine. */
void vgLoadIntoRom(VgMachine* machine, void* specifier)
{
	txMachine* the = machine->the;
	const char* id;
	fxBeginHost(the);
	mxPushStringC((txString)specifier);
	id = fxGetKeyName(the, fxFindModule(the, NULL, XS_NO_ID, the->stack));
	if (!findScript(machine->rom, id))
		load(machine, id);
	mxPop();
	fxEndHost(the);
}
