/* What an import lacks is told with the names of both modules: see vgThrowLink. XS's only messages with a path are these. */
#include "xsAll.h"
extern void vgThrowLink(txMachine* the, txSlot* module, txSlot* transfer, const char* what);
#define fxThrowMessage(the, PATH, ...) VG_THROW_##PATH(the, __VA_ARGS__)
#define VG_THROW_NULL(the, ...) (fxThrowMessage)(the, NULL, __VA_ARGS__)
#define VG_THROW_path(the, line, error, what, name) vgThrowLink(the, module, transfer, what)
#include "xsModule.c"
