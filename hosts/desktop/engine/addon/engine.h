/* The XS host: one VgMachine is one virtual board's XS machine; a VgRom is what they share. */
#ifndef VG_ENGINE
#define VG_ENGINE

#include "xsAll.h"
#include "version.h"
#include "xsScript.h"
#define NAPI_VERSION 8
#include <node_api.h>

typedef struct VgMachine VgMachine;
typedef struct VgRom VgRom;
typedef struct VgScript VgScript;
typedef struct VgBlock VgBlock;
typedef struct VgDebugger VgDebugger;

/* The figures of a machine: names and units in machine.c, machine.ts and embedded/host.d.ts. */
typedef enum {
	VG_HEAP,
	VG_STACK,
	VG_SLOTS,
	VG_SLOTS_PEAK,
	VG_CHUNKS,
	VG_CHUNKS_PEAK,
	VG_RESERVED,
	VG_COLLECTIONS,
	VG_STACK_PEAK,
	VG_KEYS_USED,
	VG_COMPUTE,
	VG_FIGURES
} VgFigure;

/* A block outside of the XS heap. Any block can be freed without knowing whose it is. */
struct VgBlock {
	VgBlock* previous;
	VgBlock* next;
};

/* Why a machine ended: the index of a name in fault.c and of a text in machine.ts. */
typedef enum {
	VG_ALIVE,
	VG_CLOSED,
	VG_MEMORY_FULL,
	VG_STACK_OVERFLOW,
	VG_EXCEPTION,
	VG_UNHANDLED_REJECTION,
	VG_ENDLESS_LOOP,
	VG_KEYS_FULL,
	VG_INTERNAL
} VgReason;

/* One area of address space, filled as the heap grows; figures named `board` count as on the 32-bit board. */
typedef struct {
	txByte* base;
	size_t size;
	txByte* chunksLimit;
	txByte* slots;
	txByte* slotsLimit;
	txSize heapBoard; /* the limit; 0: none (ROM) */
	txSize stackBoard;
	txSize slotsBoard;
	txSize chunksBoard;
	txSize peakChunksBoard;
	txU8 collections;
	txBoolean wideRequest; /* the chunk asked for will hold slots or pointers */
} VgPool;

struct VgMachine {
	txMachine* the;
	VgRom* rom;
	char* name;
	VgBlock blocks;
	VgPool pool;

	txSlot listener;
	txBoolean promiseJobs;
	txBoolean stepping; /* in the debugger, to the next event */
	VgDebugger* debugger; /* NULL: never connects to one */

	txU4 meterLimit; /* compute units an event may take; 0: no limit */
	txU8 compute;    /* total, without the current event */
	txU8 random;
	txNumber time;   /* NaN: wall clock */
	txNumber dateOffset;
	txInteger zone;  /* seconds east of UTC */

	/* while running */
	VgMachine* outer;
	txBoolean running;
	txBoolean closing;
	napi_env env;
	napi_handle_scope scope;
	napi_value undefined;
	napi_value host;
	napi_value trace;

	VgReason reason;
	char* message;
	char* stack;
	double figures[VG_FIGURES]; /* at the end */
};

/* A compiled module. Linked: identifiers are the ROM's, code stays where it is, as in the board's flash. */
struct VgScript {
	VgScript* next;
	char* id;
	char* path; /* as stacks show it */
	txScript* script;
	txBoolean linked;
};

struct VgRom {
	VgMachine machine;
	VgScript* scripts;
	txSlot* builtinsLimit;
	napi_env env;
	napi_ref resolve;
	napi_ref load;
	txBoolean shared;
	txSize size;
	unsigned uses; /* the wrapper's and one a machine */
};

/* blocks.c */
extern _Thread_local VgMachine* vgCurrent;
extern void vgBlocksBegin(VgMachine* machine);
extern void vgBlocksEnd(VgMachine* machine);
extern char* vgCopyText(const char* text, size_t length);

/* area.c */
extern txByte* vgAreaTake(size_t size, txBoolean single);
extern void vgAreaGive(txByte* base, size_t size);

/* pool.c */
extern txBoolean vgPoolBegin(VgPool* pool, txSize heap, txSize stackCount);
extern void vgPoolEnd(VgPool* pool);
extern void vgPoolProtect(VgPool* pool);
extern void vgPoolCount(txMachine* the);
extern txSize vgPoolReserved(VgMachine* machine);

/* fault.c */
extern void vgDescribeException(VgMachine* machine);
extern void vgThrow(txMachine* the, txSlot* constructor, txSlot* message, txSlot* code) XS_FUNCTION_NORETURN;
extern void vgThrowText(txMachine* the, txSlot* constructor, const char* format, ...) XS_FUNCTION_NORETURN;

/* meter.c */
extern txBoolean vgStackLeft(void);
extern void vgMeterBegin(VgMachine* machine);
extern void vgMeterEnd(VgMachine* machine);
extern txU8 vgMeterNow(VgMachine* machine);

/* debug.c */
extern VgDebugger* vgDebuggerCreate(const char* host, const char* port, double id);
extern void vgDebuggerDelete(VgDebugger* debugger);
extern txBoolean vgDebuggerConnected(VgDebugger* debugger);
extern void vgDebuggerInterrupt(double id);
extern void vgEndHost(VgMachine* machine);
extern void vgDebugListen(VgMachine* machine, void* argument);
extern void vgDebugEnd(txMachine* the, const char* message);

/* entry.c */
typedef void (*VgBody)(VgMachine* machine, void* argument);
extern void vgEnter(napi_env env, VgMachine* machine, VgBody body, void* argument);
extern void vgRunJobs(VgMachine* machine);

/* text.c, value.c */
extern napi_status vgTextToHost(napi_env env, const char* text, size_t length, napi_value* result);
extern napi_status vgTextFromHost(napi_env env, napi_value value, char** result, size_t* size);
extern const char* vgToHost(VgMachine* machine, txSlot* slot, napi_value* result);
extern const char* vgFromHost(VgMachine* machine, napi_value value, txSlot* slot);
extern txBoolean vgSlotBytes(txMachine* the, txSlot* slot, txByte** data, txInteger* length, txBoolean* constant);
extern txBoolean vgHostBytes(napi_env env, napi_value value, void** data, size_t* length);

/* call.c */
extern napi_value vgCallHost(VgMachine* machine, napi_value function, size_t count, const napi_value* arguments);
extern void vgOpenScope(VgMachine* machine);
extern void vgCloseScope(VgMachine* machine);
extern napi_value vgTakeException(napi_env env);

/* host.c */
extern const char vgHostSource[];
extern void vgHostModule(txMachine* the);
extern void vgTrace(txMachine* the);

/* compile.c */
typedef struct {
	char* text; /* NULL: none */
	size_t size;
} VgText;
typedef char VgCompileError[512];
extern txScript* vgCompile(txMachine* the, const char* path, const VgText* code, const VgText* map, txUnsigned flags, VgCompileError error);
extern void vgLink(txMachine* the, txScript* script);
extern txScript* vgCopyScript(txScript* script);
extern txSize vgLinesSize(const txScript* script);

/* module.c */
extern void vgImport(VgMachine* machine, void* specifier);
extern void vgLoadIntoRom(VgMachine* machine, void* specifier);
extern const char* vgModulePath(VgRom* rom, const char* id);

/* rom.c */
extern VgRom* vgRomCreate(napi_env env);
extern void vgRomShare(VgMachine* machine, void* running);
extern void vgRomRelease(VgRom* rom);

/* freeze.c */
extern void vgFreeze(txMachine* the, txSlot* builtinsLimit);
extern const char* vgFindRunning(txMachine* the);
extern void vgSettle(txMachine* the);

/* machine.c */
extern VgMachine* vgMachineCreate(VgRom* rom, const char* name, size_t nameLength, txSize heap, txSize stack, VgDebugger* debugger);
extern void vgMachineEnd(VgMachine* machine);
extern void vgStatistics(VgMachine* machine, double* figures);

#endif
