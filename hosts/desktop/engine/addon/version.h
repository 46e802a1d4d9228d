/* What differs between XS 13 (the npm package) and XS 17 (the SDK, VG_XS17). */
#ifndef VG_VERSION
#define VG_VERSION

#if VG_XS17
	#define XS_STACK_OVERFLOW_EXIT XS_JAVASCRIPT_STACK_OVERFLOW_EXIT
	#define VG_PARSER_LINE(parser) ((parser)->states[0].line)
	#define VG_NO_REFERRER C_NULL
	typedef txU8 VgMeter;
#else
	#define VG_PARSER_LINE(parser) ((parser)->line)
	#define VG_NO_REFERRER XS_NO_ID
	typedef txU4 VgMeter;
#endif

#endif
