/* What native.ts sees. Machines and ROMs are externals; callbacks are passed at each entry, so that nothing holds them. */
#include "addon.h"

void vgGetArguments(napi_env env, napi_callback_info info, VgArguments* arguments)
{
	arguments->env = env;
	arguments->count = VG_MAX_ARGUMENTS;
	napi_get_cb_info(env, info, &arguments->count, arguments->at, NULL, NULL);
}

void* vgExternal(VgArguments* arguments, size_t index)
{
	void* data = NULL;
	napi_get_value_external(arguments->env, arguments->at[index], &data);
	return data;
}

double vgNumber(VgArguments* arguments, size_t index)
{
	double value = 0;
	napi_get_value_double(arguments->env, arguments->at[index], &value);
	return value;
}

/* UTF-8, to be freed. */
char* vgText(VgArguments* arguments, size_t index, size_t* length)
{
	napi_env env = arguments->env;
	napi_value value = arguments->at[index];
	char* result;
	if (napi_get_value_string_utf8(env, value, NULL, 0, length) != napi_ok)
		return NULL;
	result = malloc(*length + 1);
	if (result)
		napi_get_value_string_utf8(env, value, result, *length + 1, length);
	return result;
}

static void setText(napi_env env, napi_value object, const char* name, const char* string)
{
	napi_value value;
	if (string && vgTextToHost(env, string, strlen(string), &value) == napi_ok)
		napi_set_named_property(env, object, name, value);
}

/* undefined, or why the machine ended: { reason, message, stack }. */
napi_value vgEnding(napi_env env, VgMachine* machine)
{
	napi_value result = NULL, reason;
	if (machine->reason != VG_ALIVE) {
		napi_create_object(env, &result);
		napi_create_int32(env, machine->reason, &reason);
		napi_set_named_property(env, result, "reason", reason);
		setText(env, result, "message", machine->message ? machine->message : "");
		setText(env, result, "stack", machine->stack ? machine->stack : "");
	}
	return result;
}

#define VG_METHOD(NAME) { #NAME, NULL, NAME, NULL, NULL, NULL, napi_enumerable, NULL }

static napi_value init(napi_env env, napi_value exports)
{
	static const napi_property_descriptor methods[] = {
		VG_METHOD(romCreate),
		VG_METHOD(romPreload),
		VG_METHOD(romLink),
		VG_METHOD(romShare),
		VG_METHOD(romCode),
		VG_METHOD(machineCreate),
		VG_METHOD(machineImport),
		VG_METHOD(machineDispatch),
		VG_METHOD(machineClose),
		VG_METHOD(machineSetClock),
		VG_METHOD(machineZone),
		VG_METHOD(machineStatistics),
		VG_METHOD(machineCollect),
		VG_METHOD(machineDebugged),
		VG_METHOD(machineListen),
		VG_METHOD(debuggerInterrupt),
	};
	napi_define_properties(env, exports, sizeof(methods) / sizeof(methods[0]), methods);
	return exports;
}

NAPI_MODULE(engine, init)
