/*
	What Moddable's linker does to the heap that a preload leaves behind, so that firmware meets the board's rules here:
	built-ins, functions, prototypes of classes and module scopes are frozen; buffers, dates, maps, regular expressions,
	sets and their likes become read-only; a variable that holds a function becomes a constant. Every other object and
	variable can be changed by each machine for itself: XS gives the machine its own copy then ("alias").
*/
#include "engine.h"

static void freeze(txSlot* instance)
{
	txSlot* property = instance->next;
	while (property) {
		if (property->kind != XS_ACCESSOR_KIND)
			property->flag |= XS_DONT_SET_FLAG;
		property->flag |= XS_DONT_DELETE_FLAG;
		if (property->kind == XS_ARRAY_KIND) {
			txSlot* item = property->value.array.address;
			txIndex count = fxGetIndexSize(NULL, property);
			while (count--) {
				if (item->kind != XS_ACCESSOR_KIND)
					item->flag |= XS_DONT_SET_FLAG;
				item->flag |= XS_DONT_DELETE_FLAG;
				item++;
			}
		}
		else if (property->kind == XS_PRIVATE_KIND) {
			txSlot* private = property->value.private.first;
			while (private) {
				if (private->kind != XS_ACCESSOR_KIND)
					private->flag |= XS_DONT_SET_FLAG;
				private->flag |= XS_DONT_DELETE_FLAG;
				private = private->next;
			}
		}
		property = property->next;
	}
	instance->flag |= XS_DONT_PATCH_FLAG;
}

static txBoolean isCode(txSlot* internal)
{
	return internal && (internal->kind == XS_CALLBACK_KIND || internal->kind == XS_CALLBACK_X_KIND
		|| internal->kind == XS_CODE_KIND || internal->kind == XS_CODE_X_KIND);
}

static txBoolean cannotBeCopied(txSlot* internal)
{
	switch (internal->kind) {
	case XS_ARRAY_BUFFER_KIND:
	case XS_DATA_VIEW_KIND:
	case XS_MAP_KIND:
	case XS_PROMISE_KIND:
	case XS_PROXY_KIND:
	case XS_REGEXP_KIND:
	case XS_SET_KIND:
	case XS_TYPED_ARRAY_KIND:
	case XS_WEAK_MAP_KIND:
	case XS_WEAK_REF_KIND:
	case XS_WEAK_SET_KIND:
		return 1;
	case XS_CLOSURE_KIND:
		return internal->value.closure->kind == XS_FINALIZATION_REGISTRY_KIND;
	default:
		return internal->ID == XS_ENVIRONMENT_BEHAVIOR;
	}
}

static void freezeInstance(txMachine* the, txSlot* instance, txBoolean builtin)
{
	txSlot* internal = instance->next;
	if (internal && !(internal->flag & XS_INTERNAL_FLAG))
		internal = NULL;
	if (isCode(internal)) {
		freeze(instance);
		if (instance->flag & XS_CAN_CONSTRUCT_FLAG) {
			txSlot* prototype = mxBehaviorGetProperty(the, instance, mxID(_prototype), 0, XS_OWN);
			if (prototype && prototype->kind == XS_REFERENCE_KIND)
				freeze(prototype->value.reference);
		}
	}
	else if (builtin || (internal && cannotBeCopied(internal))) {
		freeze(instance);
		if (internal && internal->kind == XS_PROMISE_KIND)
			freeze(internal->next->value.reference);
	}
}

/* The machines' global objects inherit from the ROM's: plain, so that its cache needs no chunk, and open to be shadowed. */
static void openGlobal(txMachine* the)
{
	txSlot* global = mxGlobal.value.reference;
	if (global->next && global->next->kind == XS_GLOBAL_KIND) {
		global->flag &= ~XS_EXOTIC_FLAG;
		global->next = global->next->next;
	}
}

/* Built-ins are the slots below builtinsLimit. */
void vgFreeze(txMachine* the, txSlot* builtinsLimit)
{
	txSlot* heap = the->firstHeap;
	txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
	openGlobal(the);
	while (heap) {
		txSlot* slot = heap + 1;
		txSlot* limit = heap->value.reference;
		for (; slot < limit; slot++) {
			if (slot->kind == XS_INSTANCE_KIND && slot != mxGlobal.value.reference && slot != realm)
				freezeInstance(the, slot, slot < builtinsLimit);
			else if (slot->kind == XS_CLOSURE_KIND) {
				txSlot* closure = slot->value.closure;
				if (closure && closure->kind == XS_REFERENCE_KIND && isCode(closure->value.reference->next))
					closure->flag |= XS_DONT_SET_FLAG;
			}
		}
		heap = heap->next;
	}
}

/* What XS writes to without asking whether it is in the ROM: NULL, or the name of the first such object. */
const char* vgFindRunning(txMachine* the)
{
	txSlot* heap;
	for (heap = the->firstHeap; heap; heap = heap->next) {
		txSlot* slot;
		for (slot = heap + 1; slot < heap->value.reference; slot++) {
			txSlot* prototype = slot->kind == XS_INSTANCE_KIND ? slot->value.instance.prototype : NULL;
			if (slot->kind == XS_STACK_KIND)
				return "a generator or an async function that has not finished";
			if (slot->kind == XS_PROMISE_KIND && slot->value.integer == mxPendingStatus)
				return "a promise that is pending";
			if (slot->kind == XS_FINALIZATION_REGISTRY_KIND)
				return "a FinalizationRegistry";
			if (prototype && (prototype == mxArrayIteratorPrototype.value.reference
				|| prototype == mxMapIteratorPrototype.value.reference || prototype == mxSetIteratorPrototype.value.reference
				|| prototype == mxStringIteratorPrototype.value.reference
				|| prototype == mxRegExpStringIteratorPrototype.value.reference))
				return "an iterator";
		}
	}
	return NULL;
}

static void settle(txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	case XS_REGEXP_KIND: slot->value.regexp.data = NULL; break;
	default: break;
	}
}

static void settleArray(txSlot* slot)
{
	txSlot* item = slot->value.array.address;
	txIndex count;
	if (slot->kind != XS_ARRAY_KIND && slot->kind != XS_ARGUMENTS_SLOPPY_KIND && slot->kind != XS_ARGUMENTS_STRICT_KIND && slot->kind != XS_STACK_KIND)
		return;
	count = item ? fxGetIndexSize(NULL, slot) : 0;
	while (count--)
		settle(item++);
}

/*
	After fxShareMachine. Slots that the machines copy must not point to chunks as if these were their own: their collectors
	would mark and move them. And number 0, which XS gives to the first object, would read as "has no alias".
*/
void vgSettle(txMachine* the)
{
	txSlot* heap;
	txSlot* slot;
	txBoolean first = 1;
	for (slot = the->stack; slot < the->stackTop; slot++)
		settle(slot);
	for (heap = the->firstHeap; heap; heap = heap->next) {
		for (slot = heap + 1; slot < heap->value.reference; slot++) {
			settle(slot);
			settleArray(slot);
			if (slot->kind == XS_INSTANCE_KIND) {
				if (slot->ID == 1)
					first = 0;
				else if (first && slot->ID == XS_NO_ID)
					slot->ID = the->aliasCount++;
			}
			else if (slot->kind == XS_CLOSURE_KIND && slot->value.closure->ID == 1)
				first = 0;
		}
	}
}
