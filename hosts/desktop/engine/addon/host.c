/* The module `vagalume:host`: what the XS side of the desktop host is built on. Its types: embedded/host.d.ts. */
#include "engine.h"

#define VG_ARGUMENTS 16

const char vgHostSource[] =
	"export function call(operation) @ \"call\";\n"
	"export function callInto(target, operation) @ \"callInto\";\n"
	"export function listen(callback) @ \"listen\";\n"
	"export function meter() @ \"meter\";\n"
	"export function memory(index) @ \"memory\";\n"
	"export function timezone(seconds) @ \"timezone\";\n";

static VgMachine* machineOf(txMachine* the)
{
	VgMachine* machine = the->context;
	if (!machine->host)
		vgThrowText(the, &mxErrorConstructor, "the host cannot be called while a module is preloaded");
	return machine;
}

/* Calls the host with the arguments from `first` on. The scope stays open. */
static napi_value callHost(VgMachine* machine, txInteger first)
{
	txMachine* the = machine->the;
	napi_value arguments[VG_ARGUMENTS];
	txInteger count = mxArgc - first, i;
	if (count < 1)
		vgThrowText(the, &mxTypeErrorConstructor, "host call: no operation");
	if (count > VG_ARGUMENTS)
		vgThrowText(the, &mxRangeErrorConstructor, "host call: %d arguments, at most %d", (int)count, VG_ARGUMENTS);
	vgOpenScope(machine);
	for (i = 0; i < count; i++) {
		const char* what = vgToHost(machine, mxArgv(first + i), &arguments[i]);
		if (what) {
			vgCloseScope(machine);
			vgThrowText(the, &mxTypeErrorConstructor, "host call: argument %d is %s", (int)i, what);
		}
	}
	return vgCallHost(machine, machine->host, (size_t)count, arguments);
}

static void call(txMachine* the)
{
	VgMachine* machine = machineOf(the);
	napi_value result = callHost(machine, 0);
	const char* what = vgFromHost(machine, result, mxResult);
	vgCloseScope(machine);
	if (what)
		vgThrowText(the, &mxTypeErrorConstructor, "host call: the result is %s", what);
}

static void callInto(txMachine* the)
{
	VgMachine* machine = machineOf(the);
	napi_value result;
	napi_valuetype type;
	txByte* target;
	txInteger room;
	txBoolean constant;
	void* data;
	size_t length;
	if (mxArgc < 1 || !vgSlotBytes(the, mxArgv(0), &target, &room, &constant))
		vgThrowText(the, &mxTypeErrorConstructor, "callInto: target is no buffer");
	if (constant)
		vgThrowText(the, &mxTypeErrorConstructor, "callInto: target is read-only");
	result = callHost(machine, 1);
	napi_typeof(machine->env, result, &type);
	if (type == napi_undefined) {
		vgCloseScope(machine);
		return;
	}
	if (!vgHostBytes(machine->env, result, &data, &length)) {
		vgCloseScope(machine);
		vgThrowText(the, &mxTypeErrorConstructor, "callInto: the host returned no bytes");
	}
	if (length > (size_t)room) {
		vgCloseScope(machine);
		vgThrowText(the, &mxRangeErrorConstructor, "callInto: %ld bytes do not fit into %d", (long)length, (int)room);
	}
	/* the machine did not run meanwhile: target is where it was */
	if (length)
		memcpy(target, data, length);
	vgCloseScope(machine);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = (txInteger)length;
}

static void listen_(txMachine* the)
{
	VgMachine* machine = the->context;
	txSlot* callback = fxArgToCallback(the, 0);
	if (machine->listener.kind != XS_UNDEFINED_KIND)
		vgThrowText(the, &mxErrorConstructor, "listen: there is a listener already");
	machine->listener.kind = callback->kind;
	machine->listener.value = callback->value;
}

static void setNumber(txSlot* slot, txNumber number)
{
	slot->kind = XS_NUMBER_KIND;
	slot->value.number = number;
	if (number <= 0x7FFFFFFF) {
		slot->kind = XS_INTEGER_KIND;
		slot->value.integer = (txInteger)number;
	}
}

static void meter(txMachine* the)
{
	setNumber(mxResult, (txNumber)vgMeterNow(the->context));
}

/* The order is that of machine.ts and embedded/host.d.ts. */
static void memory(txMachine* the)
{
	VgMachine* machine = the->context;
	txInteger index = mxArgc > 0 ? fxToInteger(the, mxArgv(0)) : -1;
	double figures[VG_FIGURES];
	if (index < 0 || VG_FIGURES <= index)
		vgThrowText(the, &mxRangeErrorConstructor, "memory: index %d is outside 0..%d", (int)index, VG_FIGURES - 1);
	vgStatistics(machine, figures);
	setNumber(mxResult, figures[index]);
}

static void timezone_(txMachine* the)
{
	VgMachine* machine = the->context;
	if (mxArgc > 0)
		machine->zone = fxToInteger(the, mxArgv(0));
	setNumber(mxResult, machine->zone);
	if (machine->zone < 0) {
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = machine->zone;
	}
}

void vgHostModule(txMachine* the)
{
	static const txHostFunctionBuilder builders[] = {
		{ call, 1, XS_NO_ID },
		{ callInto, 2, XS_NO_ID },
		{ listen_, 1, XS_NO_ID },
		{ meter, 0, XS_NO_ID },
		{ memory, 1, XS_NO_ID },
		{ timezone_, 1, XS_NO_ID },
	};
	fxBuildHosts(the, sizeof(builders) / sizeof(builders[0]), builders);
	mxPullSlot(mxResult);
}

/* The global `trace(...values)`. */
void vgTrace(txMachine* the)
{
	VgMachine* machine = the->context;
	napi_value text;
	txInteger i;
	mxPushStringX("");
	for (i = 0; i < mxArgc; i++) {
		fxToString(the, mxArgv(i));
		fxConcatString(the, the->stack, mxArgv(i));
	}
	if (the->debugged)
		fxReport(the, "%s", the->stack->value.string);
	if (machine->trace) {
		vgOpenScope(machine);
		vgTextToHost(machine->env, the->stack->value.string, strlen(the->stack->value.string), &text);
		vgCallHost(machine, machine->trace, 1, &text);
		vgCloseScope(machine);
	}
	mxPop();
}
