/* What differs between XS 13 (the npm package) and XS 17 (the SDK, VG_XS17). */
#ifndef VG_VERSION
#define VG_VERSION

#if VG_XS17
	#define XS_STACK_OVERFLOW_EXIT XS_JAVASCRIPT_STACK_OVERFLOW_EXIT
	#define VG_PARSER_LINE(parser) ((parser)->states[0].line)
	#define VG_NO_REFERRER C_NULL
	#define VG_FRAME_FUNCTION 2
	#define VG_TRANSFERS 4 /* slots from that of a module to its transfers */
	#define VG_METER_SHIFT 16 /* its meter counts a byte code as 1 << 16 */
	typedef txU8 VgMeter;
#else
	#define VG_PARSER_LINE(parser) ((parser)->line)
	#define VG_NO_REFERRER XS_NO_ID
	#define VG_FRAME_FUNCTION 3
	#define VG_TRANSFERS 3
	#define VG_METER_SHIFT 0
	typedef txU4 VgMeter;
#endif

#endif
