/* The functions of a machine. */
#include "addon.h"

/* The texts are given away once: what is left of an ended machine is small, however late it is finalized. */
static napi_value finish(napi_env env, VgMachine* machine)
{
	napi_value result;
	if (machine->reason == VG_ALIVE)
		return NULL;
	vgMachineEnd(machine);
	result = vgEnding(env, machine);
	free(machine->message);
	free(machine->stack);
	machine->message = machine->stack = NULL;
	return result;
}

/* NULL after it threw: an ended machine, or one that is running, cannot be entered. */
static VgMachine* enterable(VgArguments* arguments, const char* what)
{
	napi_env env = arguments->env;
	VgMachine* machine = vgExternal(arguments, 0);
	char message[256];
	if (!machine->the || machine->reason != VG_ALIVE) {
		snprintf(message, sizeof(message), "machine \"%.80s\" has ended: %s is not possible any more", machine->name, what);
		napi_throw_error(env, "ERR_MACHINE_ENDED", message);
	}
	else if (machine->running) {
		snprintf(message, sizeof(message), "machine \"%.80s\" is running: no %s from inside its own host call", machine->name, what);
		napi_throw_error(env, "ERR_MACHINE_RUNNING", message);
	}
	else if (!vgStackLeft()) {
		snprintf(message, sizeof(message), "machine \"%.80s\": no stack left for %s", machine->name, what);
		napi_throw_range_error(env, "ERR_MACHINE_STACK", message);
	}
	else
		return machine;
	return NULL;
}

static void finalizeMachine(napi_env env, void* data, void* hint)
{
	VgMachine* machine = data;
	(void)env;
	(void)hint;
	vgMachineEnd(machine);
	free(machine->name);
	free(machine->message);
	free(machine->stack);
	free(machine);
}

/* machineCreate(rom, name, heap, stack, meter, seed, debuggerHost, debuggerPort, debuggerId): external, or undefined if heap is too small */
napi_value machineCreate(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	napi_value result = NULL;
	VgMachine* machine;
	VgDebugger* debugger = NULL;
	char *name, *host, *port;
	size_t length = 0, size;
	vgGetArguments(env, info, &arguments);
	name = vgText(&arguments, 1, &length);
	host = vgText(&arguments, 6, &size);
	port = vgText(&arguments, 7, &size);
	if (host && port)
		debugger = vgDebuggerCreate(host, port, vgNumber(&arguments, 8));
	free(host);
	free(port);
	machine = vgMachineCreate(vgExternal(&arguments, 0), name ? name : "", length, (txSize)vgNumber(&arguments, 2), (txSize)vgNumber(&arguments, 3), debugger);
	free(name);
	if (!machine || !machine->the) {
		if (machine)
			finalizeMachine(env, machine, NULL);
		return NULL;
	}
	machine->meterLimit = (txU4)vgNumber(&arguments, 4);
	machine->random = (txU8)vgNumber(&arguments, 5);
	napi_create_external(env, machine, finalizeMachine, NULL, &result);
	return result;
}

/* machineImport(machine, host, trace, specifier): ending */
napi_value machineImport(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	VgMachine* machine;
	char* specifier;
	size_t length;
	vgGetArguments(env, info, &arguments);
	machine = enterable(&arguments, "import");
	if (!machine)
		return NULL;
	specifier = vgText(&arguments, 3, &length);
	if (!specifier) {
		napi_throw_type_error(env, NULL, "import: specifier is no string");
		return NULL;
	}
	machine->host = arguments.at[1];
	machine->trace = arguments.at[2];
	vgEnter(env, machine, vgImport, specifier);
	free(specifier);
	return finish(env, machine);
}

#define VG_EVENT_VALUES 5

static void dispatch(VgMachine* machine, void* it)
{
	txMachine* the = machine->the;
	VgArguments* arguments = it;
	size_t i;
	fxBeginHost(the);
	if (machine->listener.kind == XS_UNDEFINED_KIND)
		vgThrowText(the, &mxErrorConstructor, "an event, but no listener");
	mxPushUndefined();
	mxPushSlot(&machine->listener);
	mxCall();
	for (i = 0; i < VG_EVENT_VALUES; i++) {
		const char* what;
		mxPushUndefined();
		what = vgFromHost(machine, arguments->at[3 + i], the->stack);
		if (what)
			vgThrowText(the, &mxTypeErrorConstructor, "event: argument %d is %s", (int)i, what);
	}
	mxRunCount(VG_EVENT_VALUES);
	mxPop();
	vgEndHost(machine);
	vgRunJobs(machine);
}

/* machineDispatch(machine, host, trace, handle, event, a, b, c): ending */
napi_value machineDispatch(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	VgMachine* machine;
	vgGetArguments(env, info, &arguments);
	machine = enterable(&arguments, "dispatch");
	if (!machine)
		return NULL;
	machine->host = arguments.at[1];
	machine->trace = arguments.at[2];
	vgEnter(env, machine, dispatch, &arguments);
	return finish(env, machine);
}

/* machineClose(machine): ending, or undefined if it ends when the running call returns, or has ended before */
napi_value machineClose(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	VgMachine* machine;
	vgGetArguments(env, info, &arguments);
	machine = vgExternal(&arguments, 0);
	if (!machine->the)
		return NULL;
	if (machine->running) {
		machine->closing = 1;
		return NULL;
	}
	machine->reason = VG_CLOSED;
	return finish(env, machine);
}

/* machineSetClock(machine, time, dateOffset, zone) */
napi_value machineSetClock(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	VgMachine* machine;
	vgGetArguments(env, info, &arguments);
	machine = vgExternal(&arguments, 0);
	machine->time = vgNumber(&arguments, 1);
	machine->dateOffset = vgNumber(&arguments, 2);
	machine->zone = (txInteger)vgNumber(&arguments, 3);
	return NULL;
}

/* machineZone(machine): seconds */
napi_value machineZone(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	napi_value result;
	vgGetArguments(env, info, &arguments);
	napi_create_int32(env, ((VgMachine*)vgExternal(&arguments, 0))->zone, &result);
	return result;
}

/* machineStatistics(machine, figures: Float64Array) */
napi_value machineStatistics(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	void* figures;
	size_t length;
	vgGetArguments(env, info, &arguments);
	if (vgHostBytes(env, arguments.at[1], &figures, &length) && length >= VG_FIGURES * sizeof(double))
		vgStatistics(vgExternal(&arguments, 0), figures);
	return NULL;
}

static void collect(VgMachine* machine, void* argument)
{
	(void)argument;
	fxCollectGarbage(machine->the);
}

/* machineCollect(machine): ending; a full collection, now */
napi_value machineCollect(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	VgMachine* machine;
	vgGetArguments(env, info, &arguments);
	machine = enterable(&arguments, "collection");
	if (!machine)
		return NULL;
	vgEnter(env, machine, collect, NULL);
	return finish(env, machine);
}

/* machineDebugged(machine): whether it is connected to a debugger */
napi_value machineDebugged(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	napi_value result;
	vgGetArguments(env, info, &arguments);
	napi_get_boolean(env, vgDebuggerConnected(((VgMachine*)vgExternal(&arguments, 0))->debugger), &result);
	return result;
}

/* machineListen(machine): ending; hears the debugger */
napi_value machineListen(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	VgMachine* machine;
	vgGetArguments(env, info, &arguments);
	machine = enterable(&arguments, "listen");
	if (!machine)
		return NULL;
	vgEnter(env, machine, vgDebugListen, NULL);
	return finish(env, machine);
}

/* debuggerInterrupt(debuggerId): from any thread; ends a machine that stands. 0: all */
napi_value debuggerInterrupt(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	vgGetArguments(env, info, &arguments);
	vgDebuggerInterrupt(vgNumber(&arguments, 0));
	return NULL;
}
