/* Arguments and results of the functions that native.ts sees. */
#ifndef VG_ADDON
#define VG_ADDON

#include "engine.h"

#define VG_MAX_ARGUMENTS 10

typedef struct {
	napi_env env;
	size_t count;
	napi_value at[VG_MAX_ARGUMENTS];
} VgArguments;

extern void vgGetArguments(napi_env env, napi_callback_info info, VgArguments* arguments);
extern void* vgExternal(VgArguments* arguments, size_t index);
extern double vgNumber(VgArguments* arguments, size_t index);
extern char* vgText(VgArguments* arguments, size_t index, size_t* length);
extern napi_value vgEnding(napi_env env, VgMachine* machine);

extern napi_value romCreate(napi_env env, napi_callback_info info);
extern napi_value romPreload(napi_env env, napi_callback_info info);
extern napi_value romLink(napi_env env, napi_callback_info info);
extern napi_value romShare(napi_env env, napi_callback_info info);
extern napi_value romCode(napi_env env, napi_callback_info info);
extern napi_value machineCreate(napi_env env, napi_callback_info info);
extern napi_value machineImport(napi_env env, napi_callback_info info);
extern napi_value machineDispatch(napi_env env, napi_callback_info info);
extern napi_value machineClose(napi_env env, napi_callback_info info);
extern napi_value machineSetClock(napi_env env, napi_callback_info info);
extern napi_value machineZone(napi_env env, napi_callback_info info);
extern napi_value machineStatistics(napi_env env, napi_callback_info info);
extern napi_value machineDebugged(napi_env env, napi_callback_info info);
extern napi_value machineListen(napi_env env, napi_callback_info info);
extern napi_value debuggerInterrupt(napi_env env, napi_callback_info info);
extern napi_value machineCollect(napi_env env, napi_callback_info info);

#endif
