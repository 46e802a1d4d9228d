/* JavaScript to byte code, with the lines of its source map; and byte code to the form that the board keeps in flash. */
#include "engine.h"

#define VG_PARSER_BUFFER (32 * 1024)
#define VG_PARSER_TABLE 1993

typedef struct {
	const unsigned char* data;
	size_t size;
	size_t offset;
} Stream;

static int getByte(void* it)
{
	Stream* stream = it;
	return stream->offset < stream->size ? stream->data[stream->offset++] : C_EOF;
}

/* The first error of the parser that runs on this thread. */
static _Thread_local txInteger errorLine;

static void reportError(void* console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	(void)path;
	(void)format;
	(void)arguments;
	if (!errorLine)
		errorLine = line;
}

static void reportWarning(void* console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	(void)path;
	(void)line;
	(void)format;
	(void)arguments;
}

static void parseSourceMap(txParser* parser, const VgText* map)
{
	Stream stream = { (const unsigned char*)map->text, map->size, 0 };
	txString name = NULL;
	fxParserSourceMap(parser, &stream, getByte, mxDebugFlag, &name);
}

/* After an error: what was line of the JavaScript becomes line of its source. */
static void mapErrorLine(txParser* parser, const VgText* map)
{
	txParserJump jump;
	parser->errorCount = 0;
	parser->firstJump = &jump;
	if (VG_PARSER_LINE(parser) < errorLine)
		VG_PARSER_LINE(parser) = errorLine;
	if (c_setjmp(jump.jmp_buf) == 0) {
		parseSourceMap(parser, map);
		if (parser->lines && parser->lines[errorLine])
			errorLine = parser->lines[errorLine];
	}
}

/* NULL after an error: it names path and line. Lines of the map replace those of the code. */
txScript* vgCompile(txMachine* the, const char* path, const VgText* code, const VgText* map, txUnsigned flags, VgCompileError error)
{
	txParser parser;
	txParserJump jump;
	txScript* volatile script = NULL;
	Stream stream = { (const unsigned char*)code->text, code->size, 0 };
	size_t longest = code->size > map->size ? code->size : map->size;
	/* no token is longer than its file */
	fxInitializeParser(&parser, the, longest < VG_PARSER_BUFFER ? VG_PARSER_BUFFER : (txSize)longest + 1, VG_PARSER_TABLE);
	parser.reportError = reportError;
	parser.reportWarning = reportWarning;
	parser.firstJump = &jump;
	errorLine = 0;
	if (c_setjmp(jump.jmp_buf) == 0) {
		/* XS maps the lines of a node once, when its path is not the final one yet */
		parser.path = fxNewParserSymbol(&parser, map->text ? "" : (txString)path);
		fxParserTree(&parser, &stream, getByte, flags | mxDebugFlag, NULL);
		if (!parser.errorCount && map->text) {
			parseSourceMap(&parser, map);
			parser.path = fxNewParserSymbol(&parser, (txString)path);
		}
		if (!parser.errorCount) {
			fxParserHoist(&parser);
			fxParserBind(&parser);
		}
		if (!parser.errorCount)
			script = fxParserCode(&parser);
	}
	if (!script) {
		txString text = parser.errorMessage;
		if (map->text && errorLine && !parser.lines)
			mapErrorLine(&parser, map);
		snprintf(error, sizeof(VgCompileError), "%s:%d: %s", path, (int)errorLine, text ? text : "not enough memory to compile");
	}
	fxTerminateParser(&parser);
	return script;
}

static void* copy(const void* data, txSize size)
{
	void* result = vgMalloc((size_t)size);
	if (result)
		memcpy(result, data, (size_t)size);
	return result;
}

/* Running a script that is not linked changes and frees it. */
txScript* vgCopyScript(txScript* script)
{
	txScript* result = copy(script, sizeof(txScript));
	if (result) {
		result->codeBuffer = copy(script->codeBuffer, script->codeSize);
		result->symbolsBuffer = copy(script->symbolsBuffer, script->symbolsSize);
		result->hostsBuffer = NULL;
		result->hostsSize = 0;
		if (result->codeBuffer && result->symbolsBuffer)
			return result;
		fxDeleteScript(result);
	}
	return NULL;
}

extern const txS1 gxCodeSizes[];
extern void fxRemapIDs(txMachine* the, txByte* codeBuffer, txSize codeSize, txID* ids);

/* Where the byte code after that at `p` begins. */
static txByte* nextCode(txByte* p)
{
	txS1 length = gxCodeSizes[*(txU1*)p];
	txU2 two;
	txS4 four;
	p++;
	switch (length) {
	case 0:
		return p + sizeof(txID);
	case -1:
		return p + 1 + *(txU1*)p;
	case -2:
		memcpy(&two, p, sizeof(two));
		return p + 2 + two;
	case -4:
		memcpy(&four, p, sizeof(four));
		return p + 4 + four;
	default:
		return p + length - 1;
	}
}

/* Bytes that tell paths and lines, which a release build for the board leaves out. */
txSize vgLinesSize(const txScript* script)
{
	txByte* p = script->codeBuffer;
	txByte* limit = p + script->codeSize;
	txSize size = 0;
	while (p < limit) {
		txU1 code = *(txU1*)p;
		txByte* next = nextCode(p);
		if (code == XS_CODE_LINE || code == XS_CODE_FILE)
			size += (txSize)(next - p);
		p = next;
	}
	return size;
}

/* Functions and strings are then used where they are, instead of being copied into the heap. */
static void useInPlace(txByte* code, txSize size)
{
	txByte* p = code;
	txByte* limit = code + size;
	while (p < limit) {
		txByte* next = nextCode(p);
		switch (*(txU1*)p) {
		case XS_CODE_CODE_1: *p = (txByte)XS_CODE_CODE_ARCHIVE_1; break;
		case XS_CODE_CODE_2: *p = (txByte)XS_CODE_CODE_ARCHIVE_2; break;
		case XS_CODE_CODE_4: *p = (txByte)XS_CODE_CODE_ARCHIVE_4; break;
		case XS_CODE_STRING_1: *p = (txByte)XS_CODE_STRING_ARCHIVE_1; break;
		case XS_CODE_STRING_2: *p = (txByte)XS_CODE_STRING_ARCHIVE_2; break;
		case XS_CODE_STRING_4: *p = (txByte)XS_CODE_STRING_ARCHIVE_4; break;
		}
		p = next;
	}
}

/* Only before the ROM is shared: the script's names become keys of the ROM. */
void vgLink(txMachine* the, txScript* script)
{
	txByte* p = script->symbolsBuffer;
	txID* ids;
	txID count, i;
	memcpy(&count, p, sizeof(count));
	p += sizeof(count);
	ids = vgMalloc(count * sizeof(txID));
	if (!ids)
		fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
	ids[0] = XS_NO_ID;
	for (i = 1; i < count; i++) {
		ids[i] = fxNewNameC(the, (txString)p);
		p += strlen((char*)p) + 1;
	}
	fxRemapIDs(the, script->codeBuffer, script->codeSize, ids);
	vgFree(ids);
	useInPlace(script->codeBuffer, script->codeSize);
	vgFree(script->symbolsBuffer);
	script->symbolsBuffer = NULL;
	script->symbolsSize = 0;
}
