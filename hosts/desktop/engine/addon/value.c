/* Values between XS and JavaScript: undefined, null, booleans, numbers, strings and bytes, which are copied. */
#include "engine.h"

/* The bytes of an ArrayBuffer or of the part that a view shows; constant if they are in the ROM or frozen. */
txBoolean vgSlotBytes(txMachine* the, txSlot* slot, txByte** data, txInteger* length, txBoolean* constant)
{
	txSlot *instance, *internal, *view = NULL, *buffer;
	if (slot->kind != XS_REFERENCE_KIND)
		return 0;
	instance = slot->value.reference;
	internal = instance->next;
	if (!internal || !(internal->flag & XS_INTERNAL_FLAG))
		return 0;
	if (internal->kind == XS_TYPED_ARRAY_KIND)
		view = internal->next;
	else if (internal->kind == XS_DATA_VIEW_KIND)
		view = internal;
	if (view) {
		buffer = view->next;
		if (buffer->kind != XS_REFERENCE_KIND)
			return 0;
		internal = buffer->value.reference->next;
		if (!internal || internal->kind != XS_ARRAY_BUFFER_KIND)
			return 0;
		*length = internal->value.arrayBuffer.address ? fxGetDataViewSize(the, view, buffer) : 0;
		*data = internal->value.arrayBuffer.address + view->value.dataView.offset;
	}
	else if (internal->kind == XS_ARRAY_BUFFER_KIND) {
		*length = internal->value.arrayBuffer.address ? internal->next->value.bufferInfo.length : 0;
		*data = internal->value.arrayBuffer.address;
	}
	else
		return 0;
	*constant = (internal->flag & XS_DONT_SET_FLAG) ? 1 : 0;
	return 1;
}

/* The bytes of an ArrayBuffer, or of any view. */
txBoolean vgHostBytes(napi_env env, napi_value value, void** data, size_t* length)
{
	bool is;
	napi_value buffer;
	size_t offset;
	napi_typedarray_type type;
	static const size_t sizes[] = { 1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8 };
	if (napi_is_typedarray(env, value, &is) == napi_ok && is) {
		if (napi_get_typedarray_info(env, value, &type, length, data, &buffer, &offset) != napi_ok)
			return 0;
		if ((size_t)type >= sizeof(sizes) / sizeof(sizes[0]))
			return 0;
		*length *= sizes[type];
		return 1;
	}
	if (napi_is_arraybuffer(env, value, &is) == napi_ok && is)
		return napi_get_arraybuffer_info(env, value, data, length) == napi_ok;
	if (napi_is_dataview(env, value, &is) == napi_ok && is)
		return napi_get_dataview_info(env, value, length, data, &buffer, &offset) == napi_ok;
	return 0;
}

/* NULL, or what the value is that cannot go. Does not touch the heap. */
const char* vgToHost(VgMachine* machine, txSlot* slot, napi_value* result)
{
	napi_env env = machine->env;
	napi_status status = napi_ok;
	txByte* data;
	txInteger length;
	txBoolean constant;
	switch (slot->kind) {
	case XS_UNDEFINED_KIND:
		*result = machine->undefined;
		break;
	case XS_NULL_KIND:
		status = napi_get_null(env, result);
		break;
	case XS_BOOLEAN_KIND:
		status = napi_get_boolean(env, slot->value.boolean, result);
		break;
	case XS_INTEGER_KIND:
		status = napi_create_int32(env, slot->value.integer, result);
		break;
	case XS_NUMBER_KIND:
		status = napi_create_double(env, slot->value.number, result);
		break;
	case XS_STRING_KIND:
	case XS_STRING_X_KIND:
		status = vgTextToHost(env, slot->value.string, strlen(slot->value.string), result);
		break;
	case XS_SYMBOL_KIND:
		return "a symbol";
	case XS_BIGINT_KIND:
	case XS_BIGINT_X_KIND:
		return "a bigint";
	default:
		if (vgSlotBytes(machine->the, slot, &data, &length, &constant)) {
			void* copy = NULL;
			status = napi_create_arraybuffer(env, (size_t)length, &copy, result);
			if (status == napi_ok && length)
				memcpy(copy, data, (size_t)length);
		}
		else
			return "an object";
	}
	return status == napi_ok ? NULL : "too big";
}

extern void vgStringFromHost(VgMachine* machine, napi_value value, txSlot* slot);

/* NULL, or what the value is that cannot come. May abort: slot must be on the XS stack. */
const char* vgFromHost(VgMachine* machine, napi_value value, txSlot* slot)
{
	txMachine* the = machine->the;
	napi_env env = machine->env;
	napi_valuetype type;
	bool boolean;
	double number;
	void* data;
	size_t length;
	napi_typeof(env, value, &type);
	switch (type) {
	case napi_undefined:
		slot->kind = XS_UNDEFINED_KIND;
		return NULL;
	case napi_null:
		slot->kind = XS_NULL_KIND;
		return NULL;
	case napi_boolean:
		napi_get_value_bool(env, value, &boolean);
		slot->value.boolean = boolean;
		slot->kind = XS_BOOLEAN_KIND;
		return NULL;
	case napi_number:
		napi_get_value_double(env, value, &number);
		if (number >= -2147483648.0 && number <= 2147483647.0 && number == (txInteger)number && !(number == 0 && signbit(number))) {
			slot->value.integer = (txInteger)number;
			slot->kind = XS_INTEGER_KIND;
		}
		else {
			slot->value.number = number;
			slot->kind = XS_NUMBER_KIND;
		}
		return NULL;
	case napi_string:
		vgStringFromHost(machine, value, slot);
		return NULL;
	case napi_object:
		if (!vgHostBytes(env, value, &data, &length))
			return "an object";
		if (length > 0x7FFFFF00)
			fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
		/* nothing of V8 runs meanwhile, so the bytes stay where they are */
		fxArrayBuffer(the, slot, data, (txInteger)length, -1);
		return NULL;
	case napi_symbol:
		return "a symbol";
	case napi_bigint:
		return "a bigint";
	case napi_function:
		return "a function";
	default:
		return "an external value";
	}
}
