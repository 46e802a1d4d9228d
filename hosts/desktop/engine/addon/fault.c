/*
	How a machine ends. XS calls fxAbort wherever it finds that it cannot go on; reason, message and stack are written down
	without touching the heap, which may be full or half moved, and control leaves for the machine's entry (entry.c).
*/
#include "engine.h"

#define VG_TEXT_SIZE 8192
#define VG_FRAMES 40

typedef struct {
	char buffer[VG_TEXT_SIZE];
	size_t length;
} Text;

static void add(Text* text, const char* string)
{
	size_t length = strlen(string), free = VG_TEXT_SIZE - 1 - text->length;
	if (length > free)
		length = free;
	memcpy(text->buffer + text->length, string, length);
	text->length += length;
	text->buffer[text->length] = 0;
}

static void addNumber(Text* text, long number)
{
	char buffer[24];
	snprintf(buffer, sizeof(buffer), "%ld", number);
	add(text, buffer);
}

static void addFrame(Text* text, txMachine* the, const char* name, txID path, txInteger line)
{
	char* file = path ? fxGetKeyName(the, path) : NULL;
	if (!file && (!name || !*name))
		return; /* an entry of the host */
	if (text->length)
		add(text, "\n");
	add(text, "at ");
	if (name && *name) {
		add(text, name);
		add(text, " (");
	}
	add(text, file ? file : "native");
	if (file) {
		add(text, ":");
		addNumber(text, line);
	}
	if (name && *name)
		add(text, ")");
}

static const char* stringOf(txSlot* slot)
{
	return slot && (slot->kind == XS_STRING_KIND || slot->kind == XS_STRING_X_KIND) ? slot->value.string : NULL;
}

static const char* functionName(txMachine* the, txSlot* function)
{
	txSlot* instance = function->kind == XS_REFERENCE_KIND ? function->value.reference : NULL;
	const char* name;
	if (!instance || !mxIsFunction(instance))
		return NULL;
	name = stringOf(mxBehaviorGetProperty(the, instance, mxID(_name), 0, XS_OWN));
	return name ? name : fxGetKeyName(the, mxFunctionInstanceCode(instance)->ID);
}

static void addFrames(Text* text, txMachine* the)
{
	txSlot* frame = the->frame;
	int count = 0;
	while (frame && frame->next && count++ < VG_FRAMES) {
		txSlot* environment = mxFrameToEnvironment(frame);
		addFrame(text, the, functionName(the, frame + VG_FRAME_FUNCTION), environment->ID, environment->value.environment.line);
		frame = frame->next;
	}
	if (frame && frame->next)
		add(text, "\n...");
}

static void addErrorFrames(Text* text, txMachine* the, txSlot* info)
{
	txSlot* slot = info ? info->next : NULL;
	int count = 0;
	while (slot && count++ < VG_FRAMES) {
		addFrame(text, the, slot->value.key.string, slot->ID, (txInteger)slot->value.key.sum);
		slot = slot->next;
	}
	if (slot)
		add(text, "\n...");
}

static void end(VgMachine* machine, VgReason reason, Text* message, Text* stack)
{
	if (machine->reason != VG_ALIVE)
		return;
	if (reason != VG_CLOSED)
		vgDebugEnd(machine->the, message->buffer);
	machine->reason = reason;
	machine->message = vgCopyText(message->buffer, message->length);
	machine->stack = vgCopyText(stack->buffer, stack->length);
}

/* The value that nothing caught: mxException. Own properties only, so that no firmware runs. */
static void describe(VgMachine* machine, VgReason reason)
{
	txMachine* the = machine->the;
	txSlot* exception = &mxException;
	Text message = { "", 0 }, stack = { "", 0 };
	char buffer[64];
	if (exception->kind == XS_REFERENCE_KIND) {
		txSlot* instance = exception->value.reference;
		const char* name = stringOf(mxBehaviorGetProperty(the, instance, mxID(_name), 0, XS_ANY));
		const char* what = stringOf(mxBehaviorGetProperty(the, instance, mxID(_message), 0, XS_ANY));
		txSlot* internal = instance->next;
		add(&message, name ? name : "object");
		if (what && *what) {
			add(&message, ": ");
			add(&message, what);
		}
		if (internal && internal->kind == XS_ERROR_KIND)
			addErrorFrames(&stack, the, internal->value.error.info);
	}
	else if (stringOf(exception))
		add(&message, stringOf(exception));
	else switch (exception->kind) {
		case XS_UNDEFINED_KIND: add(&message, "undefined"); break;
		case XS_NULL_KIND: add(&message, "null"); break;
		case XS_BOOLEAN_KIND: add(&message, exception->value.boolean ? "true" : "false"); break;
		case XS_INTEGER_KIND: addNumber(&message, exception->value.integer); break;
		case XS_NUMBER_KIND:
			snprintf(buffer, sizeof(buffer), "%.17g", exception->value.number);
			add(&message, buffer);
			break;
		default: add(&message, "a value that is no Error"); break;
	}
	end(machine, reason, &message, &stack);
}

void vgDescribeException(VgMachine* machine)
{
	describe(machine, VG_EXCEPTION);
}

static void addMemory(Text* text, VgMachine* machine)
{
	VgPool* pool = &machine->pool;
	add(text, "memory full: of ");
	addNumber(text, pool->heapBoard);
	add(text, " bytes, slots take ");
	addNumber(text, pool->slotsBoard);
	add(text, ", chunks ");
	addNumber(text, pool->chunksBoard);
	add(text, ", the stack ");
	addNumber(text, pool->stackBoard);
}

void fxAbort(txMachine* the, int status)
{
	VgMachine* machine = the->context;
	Text message = { "", 0 }, stack = { "", 0 };
	VgReason reason = VG_INTERNAL;
	machine->the = the;
	if (status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT)
		describe(machine, status == XS_UNHANDLED_EXCEPTION_EXIT ? VG_EXCEPTION : VG_UNHANDLED_REJECTION);
	else {
		switch (status) {
		case XS_NOT_ENOUGH_MEMORY_EXIT:
			reason = VG_MEMORY_FULL;
			addMemory(&message, machine);
			break;
		case XS_STACK_OVERFLOW_EXIT:
#if VG_XS17
		case XS_NATIVE_STACK_OVERFLOW_EXIT:
#endif
			reason = VG_STACK_OVERFLOW;
			if ((char*)__builtin_frame_address(0) <= the->stackLimit)
				add(&message, "native stack overflow");
			else {
				add(&message, "stack overflow: ");
				addNumber(&message, (long)(the->stackTop - the->stackBottom));
				add(&message, " slots");
			}
			break;
		case XS_TOO_MUCH_COMPUTATION_EXIT:
			reason = VG_ENDLESS_LOOP;
			add(&message, "endless loop: one event took more than ");
			addNumber(&message, machine->meterLimit);
			add(&message, " compute units");
			break;
		case XS_NO_MORE_KEYS_EXIT:
			reason = VG_KEYS_FULL;
			add(&message, "too many property names");
			break;
		case XS_DEBUGGER_EXIT: /* vgCheckClosing */
			reason = VG_CLOSED;
			add(&message, "closed");
			break;
		default:
			add(&message, "the engine gave up: status ");
			addNumber(&message, status);
			break;
		}
		addFrames(&stack, the);
		end(machine, reason, &message, &stack);
	}
	fxExitToHost(the);
}

/* Throws an Error (or RangeError, ...) with the message, and the code unless it is undefined: both on the XS stack. */
void vgThrow(txMachine* the, txSlot* constructor, txSlot* message, txSlot* code)
{
	mxPushSlot(constructor);
	mxNew();
	mxPushSlot(message);
	mxRunCount(1);
	if (!mxIsUndefined(code)) {
		txID id = fxID(the, "code");
		txSlot* property = fxLastProperty(the, the->stack->value.reference);
		fxNextSlotProperty(the, property, code, id, XS_NO_FLAG);
	}
	mxPull(mxException);
	if (the->debugged)
		fxDebugThrow(the, C_NULL, 0, "throw");
	fxJump(the);
}

void vgThrowText(txMachine* the, txSlot* constructor, const char* format, ...)
{
	Text text;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text.buffer, sizeof(text.buffer), format, arguments);
	va_end(arguments);
	mxPushStringC(text.buffer);
	mxPushUndefined();
	vgThrow(the, constructor, the->stack + 1, the->stack);
}
