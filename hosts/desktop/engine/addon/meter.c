/*
	Limits of one event: compute units, the XS stack, the C stack.
	XS checks its meter at calls and backward branches of byte code. Natives that loop on their own pass through
	fxOverflow at each push, so the meter is checked there too.
*/
#define _GNU_SOURCE
#include "engine.h"

/* How much C stack an entry may use, and what is left to Node below it. */
#define VG_STACK_SIZE (192 * 1024)
#define VG_STACK_MARGIN (64 * 1024)
/* Without a limit the meter is emptied now and then, because it has 32 bits. */
#define VG_METER_INTERVAL 0x40000000

static char* threadStack(void)
{
	static _Thread_local char* bottom;
	if (!bottom) {
#if mxMacOSX
		pthread_t self = pthread_self();
		bottom = (char*)pthread_get_stackaddr_np(self) - pthread_get_stacksize_np(self);
#else
		pthread_attr_t attributes;
		if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
			void* address;
			size_t size;
			if (pthread_attr_getstack(&attributes, &address, &size) == 0)
				bottom = address;
			pthread_attr_destroy(&attributes);
		}
#endif
	}
	return bottom;
}

/* Also asked by the parser and by regular expressions, whose recursion counts from where they begin. */
char* fxCStackLimit(void)
{
	char* here = __builtin_frame_address(0);
	char* bottom = threadStack() + VG_STACK_MARGIN;
	if (vgCurrent && vgCurrent->the && vgCurrent->running)
		return vgCurrent->the->stackLimit;
	return here - bottom > VG_STACK_SIZE ? here - VG_STACK_SIZE : bottom;
}

/* Whether a machine can be entered here, deep inside JavaScript as it may be. */
txBoolean vgStackLeft(void)
{
	VgMachine* machine = vgCurrent;
	char* limit;
	vgCurrent = NULL;
	limit = fxCStackLimit();
	vgCurrent = machine;
	return (char*)__builtin_frame_address(0) - limit >= VG_STACK_MARGIN;
}

/* Not for the collector, which the meter must not interrupt: xs/memory.c keeps XS's own. */
void fxCheckCStack(txMachine* the)
{
	if ((char*)__builtin_frame_address(0) <= the->stackLimit)
		fxAbort(the, XS_STACK_OVERFLOW_EXIT);
	if (the->meterInterval && the->meterIndex > the->meterCount)
		fxCheckMetering(the);
}

void fxOverflow(txMachine* the, txInteger count, txString path, txInteger line)
{
	(void)path;
	(void)line;
	if (the->stack + count < the->stackPeak) {
		if (the->stack + count < the->stackBottom)
			fxAbort(the, XS_STACK_OVERFLOW_EXIT);
		the->stackPeak = the->stack + count;
	}
	if (the->meterInterval && the->meterIndex > the->meterCount)
		fxCheckMetering(the);
}

static txBoolean meterCallback(txMachine* the, VgMeter index)
{
	VgMachine* machine = the->context;
	if (machine->meterLimit)
		return 0;
	(void)index;
	machine->compute += the->meterIndex;
	the->meterIndex = 0;
	return 1;
}

void vgMeterBegin(VgMachine* machine)
{
	fxBeginMetering(machine->the, meterCallback, machine->meterLimit ? machine->meterLimit : VG_METER_INTERVAL);
}

void vgMeterEnd(VgMachine* machine)
{
	machine->compute += machine->the->meterIndex;
	machine->the->meterIndex = 0;
}

/* Compute units since the machine began, the current event included. */
txU8 vgMeterNow(VgMachine* machine)
{
	return (machine->compute + machine->the->meterIndex) >> VG_METER_SHIFT;
}
