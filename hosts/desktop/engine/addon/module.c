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

/* In the ROM's blocks, whichever machine runs. NULL: no memory. */
static VgScript* keep(VgRom* rom, const char* id, const char* path, txScript* code, txBoolean linked)
{
	VgMachine* running = vgCurrent;
	size_t idSize = strlen(id) + 1, pathSize = strlen(path) + 1;
	VgScript* script;
	vgCurrent = &rom->machine;
	script = vgMalloc(sizeof(VgScript) + idSize + pathSize);
	if (script && !linked)
		code = vgCopyScript(code);
	vgCurrent = running;
	if (!script || !code)
		return NULL;
	script->id = memcpy(script + 1, id, idSize);
	script->path = memcpy(script->id + idSize, path, pathSize);
	script->script = code;
	script->linked = linked;
	script->next = rom->scripts;
	rom->scripts = script;
	return script;
}

/* As stacks show a module; its id if it was never loaded. */
const char* vgModulePath(VgRom* rom, const char* id)
{
	VgScript* script = findScript(rom, id);
	return script ? script->path : id;
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
	VgText code = { (char*)vgHostSource, strlen(vgHostSource) }, map = { NULL, 0 };
	VgCompileError error;
	txScript* script = vgCompile(machine->the, VG_HOST_ID, &code, &map, mxCFlag, error);
	if (!script)
		fxAbort(machine->the, XS_NOT_ENOUGH_MEMORY_EXIT);
	script->callback = (void*)vgHostModule;
	vgLink(machine->the, script);
	return keep(machine->rom, VG_HOST_ID, VG_HOST_ID, script, 1);
}

/* A text property of what `load` returned, in the machine's blocks. */
static VgText sourceText(VgMachine* machine, napi_value source, const char* name)
{
	napi_value value;
	napi_valuetype type;
	VgText text = { NULL, 0 };
	if (napi_get_named_property(machine->env, source, name, &value) != napi_ok)
		vgTakeException(machine->env);
	else if (napi_typeof(machine->env, value, &type) == napi_ok && type == napi_string)
		vgTextFromHost(machine->env, value, &text.text, &text.size);
	return text;
}

/* Frees all that it took before it throws: firmware may catch, and try again for ever. */
static VgScript* load(VgMachine* machine, const char* key)
{
	txMachine* the = machine->the;
	VgRom* rom = machine->rom;
	napi_value argument, source;
	size_t size = strlen(key) + 1;
	char* id = vgMalloc(size); /* a key can move */
	VgText path, code, map;
	VgCompileError error;
	txScript* script = NULL;
	VgScript* result = NULL;
	txBoolean complete;
	if (!id)
		fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
	memcpy(id, key, size);
	vgOpenScope(machine);
	argument = machine->undefined;
	vgTextToHost(machine->env, id, size - 1, &argument);
	source = vgCallHost(machine, loaderFunction(machine, rom->load), 1, &argument);
	path = sourceText(machine, source, "path");
	code = sourceText(machine, source, "code");
	map = sourceText(machine, source, "map");
	vgCloseScope(machine);
	complete = path.text && code.text;
	if (complete)
		script = vgCompile(the, path.text, &code, &map, 0, error);
	else
		snprintf(error, sizeof(error), "module \"%s\": the loader gave no path or no code", id);
	if (script) {
		if (!rom->shared)
			vgLink(the, script);
		result = keep(rom, id, path.text, script, !rom->shared);
		if (rom->shared)
			fxDeleteScript(script); /* the ROM has a copy */
	}
	vgFree(id);
	vgFree(path.text);
	vgFree(code.text);
	vgFree(map.text);
	if (!script)
		vgThrowText(the, complete ? &mxSyntaxErrorConstructor : &mxTypeErrorConstructor, "%s", error);
	if (!result)
		fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
	return result;
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
	arguments[0] = arguments[1] = machine->undefined;
	vgTextToHost(machine->env, slot->value.string, strlen(slot->value.string), &arguments[0]);
	if (referrer)
		vgTextToHost(machine->env, referrer, strlen(referrer), &arguments[1]);
	result = vgCallHost(machine, loaderFunction(machine, machine->rom->resolve), 2, arguments);
	if (napi_typeof(machine->env, result, &type) == napi_ok && type == napi_string)
		vgTextFromHost(machine->env, result, &id, &size);
	vgCloseScope(machine);
	if (!id)
		vgThrowText(the, &mxErrorConstructor, referrer ? "module \"%s\" not found, imported by \"%s\"" : "module \"%s\" not found",
			slot->value.string, referrer ? vgModulePath(machine->rom, referrer) : NULL);
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
	txFlag start = the->breakOnStartFlag;
	fxBeginHost(the);
	the->breakOnStartFlag = start; /* of the debugger: for the frame that fxRunImport begins, whose calls stop at their first line */
	mxPushStringC((txString)specifier);
#if VG_XS17
	mxPushUndefined(); /* import attributes */
#endif
	fxRunImport(the, realm, VG_NO_REFERRER);
	mxDub();
	mxGetID(mxID(_then));
	mxCall();
	fxNewHostFunction(the, fulfilled, 1, XS_NO_ID, XS_NO_ID);
	fxNewHostFunction(the, rejected, 1, XS_NO_ID, XS_NO_ID);
	mxRunCount(2);
	mxPop();
	vgEndHost(machine);
	vgRunJobs(machine);
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
