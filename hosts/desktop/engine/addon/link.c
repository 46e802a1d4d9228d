/* Imports that find their module, and not in it what they ask for. */
#include "engine.h"

static const char* pathOf(VgRom* rom, txMachine* the, txSlot* module)
{
	const char* id = fxGetKeyName(the, mxModuleInstanceInternal(module)->value.module.id);
	return id ? vgModulePath(rom, id) : "?";
}

/* The imports and exports of a module's instance; NULL once it has run, when less is kept of it. */
static txSlot* transfersOf(txSlot* module)
{
	txSlot* slot = module->next;
	int i;
	if (!slot || slot->kind != XS_MODULE_KIND)
		return NULL;
	for (i = 0; i < VG_TRANSFERS && slot; i++)
		slot = slot->next;
	return slot && slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
}

/* The module that a transfer (XS's word for an import or an export) belongs to, among those that are being linked. */
static txSlot* findImporter(txMachine* the, txSlot* transfer)
{
	txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
	txSlot* slot;
	for (slot = mxOwnModules(realm)->value.reference->next; slot; slot = slot->next) {
		txSlot* module = slot->kind == XS_REFERENCE_KIND ? slot->value.reference : NULL;
		txSlot* its = module ? transfersOf(module) : NULL;
		for (; its; its = its->next)
			if (its->value.reference == transfer->value.reference)
				return module;
	}
	return NULL;
}

/* xs/module.c: `what` is XS's own message; the name of the export is in the->nameBuffer. */
void vgThrowLink(txMachine* the, txSlot* module, txSlot* transfer, const char* what)
{
	VgRom* rom = ((VgMachine*)the->context)->rom;
	txSlot* importer = findImporter(the, transfer);
	const char* format = "%s: \"%s\" has no export \"%s\"";
	if (strstr(what, "ambiguous"))
		format = "%s: \"%s\" has more than one export \"%s\", of modules that it exports as a whole";
	else if (strstr(what, "circular"))
		format = "%s: \"%s\" exports \"%s\" in a circle";
	vgThrowText(the, &mxSyntaxErrorConstructor, format, importer ? pathOf(rom, the, importer) : "?",
		pathOf(rom, the, module->value.reference), the->nameBuffer);
}
