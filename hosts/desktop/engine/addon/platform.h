/* What XS asks of its platform (XSPLATFORM): Linux and macOS, several threads, one process with many machines. */
#ifndef VG_PLATFORM
#define VG_PLATFORM

#if defined(__linux__)
	#undef mxLinux
	#define mxLinux 1
#elif defined(__APPLE__)
	#undef mxMacOSX
	#define mxMacOSX 1
#else
	#error "the XS host is written for Linux and macOS"
#endif

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define XS_FUNCTION_NORETURN __attribute__((noreturn))
#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1

#define mxMachinePlatform \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink; \
	txBoolean debugged; /* connected to xsbug */

/* These come from XS; pool.c, fault.c, meter.c, module.c, entry.c and debug.c answer the rest. */
#define mxUseDefaultMachinePlatform 1
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1
#define mxUseDefaultDebug 0
#define mxUseDefaultCStackLimit 0

/* No signal mask in a jump buffer: each `try` of the firmware fills one. */
#define c_jmp_buf jmp_buf
#define c_setjmp _setjmp
#define c_longjmp _longjmp

/* Memory that XS takes beside its heap is listed by machine, so that an abort leaks nothing (blocks.c). */
extern void* vgMalloc(size_t size);
extern void* vgCalloc(size_t count, size_t size);
extern void* vgRealloc(void* data, size_t size);
extern void vgFree(void* data);
#define c_malloc vgMalloc
#define c_calloc vgCalloc
#define c_realloc vgRealloc
#define c_free vgFree
#define c_malloc_uint32 vgMalloc
#define c_free_uint32 vgFree

/* Each machine has its own date, time zone and random numbers (clock.c). */
typedef struct timeval c_timeval;
#define c_timezone timezone
extern int vgGetTimeOfDay(struct timeval* value, void* zone);
extern struct tm* vgLocalTime(const time_t* time);
extern time_t vgMakeTime(struct tm* time);
extern uint32_t vgRandom(void);
#define c_gettimeofday vgGetTimeOfDay
#define c_localtime vgLocalTime
#define c_mktime vgMakeTime
#define c_rand vgRandom
#define C_RAND_MAX 0x7FFFFFFF

#endif
