/* Calls from XS into JavaScript. What JavaScript throws is thrown on inside XS, once V8 has nothing left on the stack. */
#include "engine.h"

void vgOpenScope(VgMachine* machine)
{
	napi_open_handle_scope(machine->env, &machine->scope);
}

void vgCloseScope(VgMachine* machine)
{
	napi_close_handle_scope(machine->env, machine->scope);
	machine->scope = NULL;
}

/* What JavaScript threw; NULL if nothing. Until then V8 refuses all calls. */
napi_value vgTakeException(napi_env env)
{
	napi_value error = NULL;
	bool pending = false;
	if (napi_is_exception_pending(env, &pending) == napi_ok && pending)
		napi_get_and_clear_last_exception(env, &error);
	return error;
}

/* A property as an XS string in the machine's blocks, or NULL. */
static char* textProperty(napi_env env, napi_value object, const char* name)
{
	napi_value value;
	napi_valuetype type;
	char* text = NULL;
	size_t size;
	if (napi_get_named_property(env, object, name, &value) != napi_ok)
		return NULL;
	if (napi_typeof(env, value, &type) == napi_ok && (type == napi_string || type == napi_number)) {
		if (napi_coerce_to_string(env, value, &value) == napi_ok)
			vgTextFromHost(env, value, &text, &size);
	}
	return text;
}

static txSlot* constructorOf(txMachine* the, const char* name)
{
	if (name && !strcmp(name, "RangeError"))
		return &mxRangeErrorConstructor;
	if (name && !strcmp(name, "TypeError"))
		return &mxTypeErrorConstructor;
	if (name && !strcmp(name, "SyntaxError"))
		return &mxSyntaxErrorConstructor;
	return &mxErrorConstructor;
}

static void throwOn(VgMachine* machine) XS_FUNCTION_NORETURN;
static void throwOn(VgMachine* machine)
{
	txMachine* the = machine->the;
	napi_env env = machine->env;
	napi_value error = vgTakeException(env);
	napi_valuetype type = napi_undefined;
	char *message = NULL, *code = NULL, *name = NULL;
	txSlot* constructor;
	size_t size;
	if (!error) /* the worker is being terminated: V8 refuses every call from now on */
		fxAbort(the, XS_DEBUGGER_EXIT);
	napi_typeof(env, error, &type);
	if (type == napi_object || type == napi_function) {
		message = textProperty(env, error, "message");
		code = textProperty(env, error, "code");
		name = textProperty(env, error, "name");
	}
	else if (napi_coerce_to_string(env, error, &error) == napi_ok)
		vgTextFromHost(env, error, &message, &size);
	vgTakeException(env); /* of a getter, or for a Symbol */
	vgCloseScope(machine);
	if (machine->closing)
		fxAbort(the, XS_DEBUGGER_EXIT);
	constructor = constructorOf(the, name);
	vgFree(name);
	/* should XS abort here, the machine's blocks are swept with it */
	mxPushStringC(message ? message : "exception in the host");
	vgFree(message);
	mxPushUndefined();
	if (code)
		fxCopyStringC(the, the->stack, code);
	vgFree(code);
	vgThrow(the, constructor, the->stack + 1, the->stack);
}

/* Needs an open scope; closes it before it throws or aborts. */
napi_value vgCallHost(VgMachine* machine, napi_value function, size_t count, const napi_value* arguments)
{
	napi_value result = NULL;
	napi_status status = napi_call_function(machine->env, machine->undefined, function, count, arguments, &result);
	vgCurrent = machine;
	if (machine->closing) {
		vgTakeException(machine->env);
		fxAbort(machine->the, XS_DEBUGGER_EXIT);
	}
	if (status != napi_ok)
		throwOn(machine);
	return result;
}
