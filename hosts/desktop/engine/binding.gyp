# Built by install.js in build/engine, where addon/ and xs/ stand beside this file.
{
	"variables": { "xs17%": 0 },
	"target_defaults": {
		"conditions": [["xs17==1", { "defines": ["VG_XS17=1"] }]],
		"include_dirs": ["addon", "xs/includes", "xs/platforms", "xs/sources"],
		"defines": [
			"XSPLATFORM=\"platform.h\"",
			"mxDebug=1", # lines in stack traces
			"mxInstrument=1", # collections and stack peak
			"mxMetering=1",
			"mxMultipleThreads=1",
			"mxNoConsole=1",
			"mxParse=1",
			"mxRun=1"
		],
		"cflags!": ["-O3"],
		"cflags": ["-O2", "-fvisibility=hidden", "-fno-common"],
		"xcode_settings": { "GCC_OPTIMIZATION_LEVEL": "2", "GCC_SYMBOLS_PRIVATE_EXTERN": "YES" }
	},
	"targets": [
		{
			"target_name": "xs",
			"type": "static_library",
			"cflags": ["-w"],
			"xcode_settings": { "WARNING_CFLAGS": ["-w"] },
			"sources": [
				"addon/xs/api.c", "addon/xs/array.c", "addon/xs/atomics.c", "addon/xs/mapset.c", "addon/xs/memory.c", "addon/xs/module.c", "addon/xs/property.c", "addon/xs/re.c", "addon/xs/run.c", "addon/xs/type.c",
				"xs/sources/xsAll.c", "xs/sources/xsArguments.c", "xs/sources/xsBigInt.c", "xs/sources/xsBoolean.c",
				"xs/sources/xsCode.c", "xs/sources/xsCommon.c", "xs/sources/xsDataView.c", "xs/sources/xsDate.c", "xs/sources/xsDebug.c",
				"xs/sources/xsDefaults.c", "xs/sources/xsError.c", "xs/sources/xsFunction.c", "xs/sources/xsGenerator.c", "xs/sources/xsGlobal.c",
				"xs/sources/xsJSON.c", "xs/sources/xsLexical.c", "xs/sources/xsLockdown.c", "xs/sources/xsMarshall.c", "xs/sources/xsMath.c",
				"xs/sources/xsNumber.c", "xs/sources/xsObject.c", "xs/sources/xsPlatforms.c", "xs/sources/xsProfile.c",
				"xs/sources/xsPromise.c", "xs/sources/xsProxy.c", "xs/sources/xsRegExp.c", "xs/sources/xsScope.c", "xs/sources/xsScript.c",
				"xs/sources/xsSourceMap.c", "xs/sources/xsString.c", "xs/sources/xsSymbol.c", "xs/sources/xsSyntaxical.c", "xs/sources/xsTree.c",
				"xs/sources/xsdtoa.c", "xs/sources/xsmc.c"
			]
		},
		{
			"target_name": "engine",
			"dependencies": ["xs"],
			"cflags": ["-Wall", "-Wextra", "-Wno-missing-field-initializers"],
			"xcode_settings": { "WARNING_CFLAGS": ["-Wall", "-Wextra", "-Wno-missing-field-initializers"] },
			"sources": [
				"addon/addon.c", "addon/addon-machine.c", "addon/addon-rom.c", "addon/area.c", "addon/blocks.c", "addon/call.c", "addon/clock.c", "addon/compile.c", "addon/debug.c", "addon/entry.c", "addon/fault.c",
				"addon/freeze.c", "addon/host.c", "addon/link.c", "addon/machine.c", "addon/meter.c", "addon/module.c", "addon/pool.c", "addon/rom.c",
				"addon/text.c", "addon/value.c"
			]
		}
	]
}
