/*
	The way into a machine and out of it. Whatever happens inside comes back here: there is one jump buffer a machine, so
	no machine is entered twice, and no jump crosses a frame of V8 (call.c calls into JavaScript between two jumps' reach).
*/
#include "engine.h"

void fxQueuePromiseJobs(txMachine* the)
{
	((VgMachine*)the->context)->promiseJobs = 1;
}

/* What JavaScript runs when the stack is empty: a body that calls firmware ends with it. */
void vgRunJobs(VgMachine* machine)
{
	txMachine* the = machine->the;
	do {
		while (machine->promiseJobs) {
			machine->promiseJobs = 0;
			fxRunPromiseJobs(the);
		}
		fxEndJob(the); /* finalization registries may queue more */
	} while (machine->promiseJobs);
	fxCheckUnhandledRejections(the, 1);
}

/* Runs body. When the machine ended, machine->reason says why. */
void vgEnter(napi_env env, VgMachine* machine, VgBody body, void* argument)
{
	txMachine* the = machine->the;
	txJump jump;
	machine->env = env;
	machine->scope = NULL;
	napi_get_undefined(env, &machine->undefined);
	machine->outer = vgCurrent;
	vgCurrent = NULL;
	the->stackLimit = fxCStackLimit();
	vgCurrent = machine;
	machine->running = 1;
	jump.nextJump = NULL;
	jump.stack = the->stack;
	jump.scope = the->scope;
	jump.frame = the->frame;
	jump.environment = NULL;
	jump.code = the->code;
	jump.flag = 0;
	the->firstJump = &jump;
	vgMeterBegin(machine);
	if (c_setjmp(jump.buffer) == 0) {
		(*body)(machine, argument);
		if (machine->closing) /* by JavaScript that was called otherwise than through vgCallHost, such as a getter */
			fxAbort(the, XS_DEBUGGER_EXIT);
	}
	else {
		if (machine->scope)
			vgCloseScope(machine);
		vgDescribeException(machine);
	}
	vgMeterEnd(machine);
	the->firstJump = NULL;
	machine->running = 0;
	machine->env = NULL;
	machine->host = NULL;
	machine->trace = NULL;
	vgCurrent = machine->outer;
	machine->outer = NULL;
}
