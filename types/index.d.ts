// All of this folder, for builds that name their types one by one: the Moddable build does.
/// <reference path="./console.d.ts" />
/// <reference path="./globals.d.ts" />
/// <reference path="./io.d.ts" />
/// <reference path="./network.d.ts" />
/// <reference path="./provider.d.ts" />
/// <reference path="./sensor.d.ts" />
/// <reference path="./socket.d.ts" />
/// <reference path="./storage.d.ts" />
/// <reference path="./timer.d.ts" />
