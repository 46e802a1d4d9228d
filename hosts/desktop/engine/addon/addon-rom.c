/* The functions of a ROM. */
#include "addon.h"

#define VG_PRELOAD_LIMIT 400000000 /* compute units a preloaded module may take */

static void finalizeRom(napi_env env, void* data, void* hint)
{
	(void)env;
	(void)hint;
	vgRomRelease(data);
}

/* romCreate(resolve, load): external */
napi_value romCreate(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	napi_value result = NULL;
	VgRom* rom;
	vgGetArguments(env, info, &arguments);
	rom = vgRomCreate(env);
	if (!rom) {
		napi_throw_error(env, NULL, "not enough memory for the ROM");
		return NULL;
	}
	napi_create_reference(env, arguments.at[0], 1, &rom->resolve);
	napi_create_reference(env, arguments.at[1], 1, &rom->load);
	napi_create_external(env, rom, finalizeRom, NULL, &result);
	return result;
}

static napi_value romEnter(napi_env env, napi_callback_info info, VgBody body)
{
	VgArguments arguments;
	VgRom* rom;
	char* specifier;
	size_t length;
	vgGetArguments(env, info, &arguments);
	rom = vgExternal(&arguments, 0);
	if (rom->shared || rom->machine.reason != VG_ALIVE) {
		napi_throw_error(env, NULL, rom->machine.message ? rom->machine.message : "the ROM is complete");
		return NULL;
	}
	specifier = vgText(&arguments, 1, &length);
	if (!specifier) {
		napi_throw_type_error(env, NULL, "preload: specifier is no string");
		return NULL;
	}
	rom->machine.meterLimit = VG_PRELOAD_LIMIT;
	rom->machine.trace = arguments.at[2];
	vgEnter(env, &rom->machine, body, specifier);
	free(specifier);
	return vgEnding(env, &rom->machine);
}

/* romPreload(rom, specifier, trace): ending */
napi_value romPreload(napi_env env, napi_callback_info info)
{
	return romEnter(env, info, vgImport);
}

/* romLink(rom, specifier, trace): ending */
napi_value romLink(napi_env env, napi_callback_info info)
{
	return romEnter(env, info, vgLoadIntoRom);
}

/* romShare(rom, protect): size in bytes */
napi_value romShare(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	napi_value result;
	VgRom* rom;
	const char* running = NULL;
	bool protect = false;
	vgGetArguments(env, info, &arguments);
	rom = vgExternal(&arguments, 0);
	if (rom->shared || rom->machine.reason != VG_ALIVE) {
		napi_throw_error(env, NULL, rom->machine.message ? rom->machine.message : "the ROM is complete");
		return NULL;
	}
	vgEnter(env, &rom->machine, vgRomShare, &running);
	if (running || rom->machine.reason != VG_ALIVE) {
		napi_throw_error(env, running ? "ERR_ROM_RUNNING" : "ERR_ROM", running ? running : rom->machine.message);
		return NULL;
	}
	napi_get_value_bool(env, arguments.at[1], &protect);
	if (protect)
		vgPoolProtect(&rom->machine.pool);
	napi_create_int32(env, rom->size, &result);
	return result;
}

static void setSize(napi_env env, napi_value object, const char* name, txSize size)
{
	napi_value value;
	napi_create_int32(env, size, &value);
	napi_set_named_property(env, object, name, value);
}

/* romCode(rom): [{ path, bytes, lines }], one a module, the last compiled first */
napi_value romCode(napi_env env, napi_callback_info info)
{
	VgArguments arguments;
	napi_value result, module, path;
	VgScript* script;
	uint32_t index = 0;
	vgGetArguments(env, info, &arguments);
	napi_create_array(env, &result);
	for (script = ((VgRom*)vgExternal(&arguments, 0))->scripts; script; script = script->next) {
		napi_create_object(env, &module);
		napi_create_string_utf8(env, script->path, NAPI_AUTO_LENGTH, &path);
		napi_set_named_property(env, module, "path", path);
		setSize(env, module, "bytes", script->script->codeSize);
		setSize(env, module, "lines", vgLinesSize(script->script));
		napi_set_element(env, result, index++, module);
	}
	return result;
}
