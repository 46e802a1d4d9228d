/*
	Strings. XS keeps UTF-8 with two liberties: U+0000 is C0 80, and a lone surrogate is encoded like any other code unit.
	JavaScript's UTF-16 goes over without loss in both directions.
*/
#include "engine.h"

#define VG_UNITS 256

static txSize measure(const char16_t* units, size_t count)
{
	txSize size = 0;
	size_t i;
	for (i = 0; i < count; i++) {
		char16_t unit = units[i];
		if (unit == 0)
			size += 2;
		else if (unit < 0x80)
			size += 1;
		else if (unit < 0x800)
			size += 2;
		else if ((unit & 0xFC00) == 0xD800 && i + 1 < count && (units[i + 1] & 0xFC00) == 0xDC00) {
			size += 4;
			i++;
		}
		else
			size += 3;
	}
	return size;
}

static void encode(const char16_t* units, size_t count, char* text)
{
	size_t i;
	for (i = 0; i < count; i++) {
		txInteger character = units[i];
		if ((character & 0xFC00) == 0xD800 && i + 1 < count && (units[i + 1] & 0xFC00) == 0xDC00)
			character = 0x10000 + ((character & 0x3FF) << 10) + (units[++i] & 0x3FF);
		text = fxUTF8Encode(text, character);
	}
	*text = 0;
}

static size_t decode(const char* text, size_t length, char16_t* units)
{
	const unsigned char* p = (const unsigned char*)text;
	const unsigned char* limit = p + length;
	char16_t* unit = units;
	while (p < limit) {
		unsigned char c = *p;
		if (c < 0x80) {
			*unit++ = c;
			p++;
		}
		else if (c < 0xE0) {
			*unit++ = (char16_t)(((c & 0x1F) << 6) | (p[1] & 0x3F));
			p += 2;
		}
		else if (c < 0xF0) {
			*unit++ = (char16_t)(((c & 0x0F) << 12) | ((p[1] & 0x3F) << 6) | (p[2] & 0x3F));
			p += 3;
		}
		else {
			uint32_t character = ((c & 0x07u) << 18) | ((p[1] & 0x3Fu) << 12) | ((p[2] & 0x3Fu) << 6) | (p[3] & 0x3Fu);
			character -= 0x10000;
			*unit++ = (char16_t)(0xD800 | (character >> 10));
			*unit++ = (char16_t)(0xDC00 | (character & 0x3FF));
			p += 4;
		}
	}
	return (size_t)(unit - units);
}

static txBoolean isPlain(const char* text, size_t length)
{
	size_t i;
	unsigned char all = 0;
	for (i = 0; i < length; i++)
		all |= (unsigned char)text[i];
	return all < 0x80;
}

napi_status vgTextToHost(napi_env env, const char* text, size_t length, napi_value* result)
{
	char16_t buffer[VG_UNITS] = { 0 };
	char16_t* units = buffer;
	napi_status status;
	size_t count;
	if (isPlain(text, length))
		return napi_create_string_latin1(env, text, length, result);
	if (length > VG_UNITS)
		units = calloc(length + 1, sizeof(char16_t)); /* a cut surrogate pair would make one unit more */
	if (!units)
		return napi_generic_failure;
	count = decode(text, length, units);
	status = napi_create_string_utf16(env, units, count, result);
	if (units != buffer)
		free(units);
	return status;
}

/* An XS string of the machine's blocks, to be freed with vgFree. */
napi_status vgTextFromHost(napi_env env, napi_value value, char** result, size_t* size)
{
	char16_t buffer[VG_UNITS];
	char16_t* units = buffer;
	size_t count;
	napi_status status = napi_get_value_string_utf16(env, value, NULL, 0, &count);
	if (status != napi_ok)
		return status;
	if (count >= VG_UNITS)
		units = malloc((count + 1) * sizeof(char16_t));
	if (!units)
		return napi_generic_failure;
	status = napi_get_value_string_utf16(env, value, units, count + 1, &count);
	if (status == napi_ok) {
		*size = (size_t)measure(units, count);
		*result = vgMalloc(*size + 1);
		if (*result)
			encode(units, count, *result);
		else
			status = napi_generic_failure;
	}
	if (units != buffer)
		free(units);
	return status;
}

/* Straight into the XS heap; may abort, with nothing to free but the machine's blocks. */
void vgStringFromHost(VgMachine* machine, napi_value value, txSlot* slot)
{
	txMachine* the = machine->the;
	char16_t buffer[VG_UNITS];
	size_t count = 0;
	napi_get_value_string_utf16(machine->env, value, buffer, VG_UNITS, &count);
	if (count < VG_UNITS - 1) {
		txSize size = measure(buffer, count);
		txString string = fxNewChunk(the, size + 1);
		encode(buffer, count, string);
		slot->value.string = string;
		slot->kind = XS_STRING_KIND;
	}
	else {
		char* text = NULL;
		size_t size = 0;
		if (vgTextFromHost(machine->env, value, &text, &size) != napi_ok || size > 0x7FFFFF00)
			fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
		slot->value.string = fxNewChunk(the, (txSize)size + 1);
		memcpy(slot->value.string, text, size + 1);
		slot->kind = XS_STRING_KIND;
		vgFree(text);
	}
}
