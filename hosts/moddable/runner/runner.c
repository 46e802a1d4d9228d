/*
 * Runs an mc.so of the Moddable SDK without a display: runner mc.so
 * Lines of standard input go to the machine as `> LINE`; SIGTERM and SIGINT as `shutdown`. What the machine says back:
 * `exit` (it may end now), `restart MS`, `off` (no power: the line `power on` brings it back).
 * Exit status 0, or 1 when the machine gave up.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <glib.h>
#include <glib-unix.h>
#include "screen.h"

/* How long the machine may take to say goodbye (ms), and how often it is given its idle time. */
#define GOODBYE 2500
#define IDLE 5

static txScreen screen;
static txScreenLaunchProc launch;
static GMainLoop* loop;
static guint idler, restarter;
static int status;

static gboolean leave(gpointer data)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

static void aborted(txScreen* self, int code)
{
	/* The machine may still be on the C stack: nothing of it is touched. */
	fprintf(stderr, "the machine gave up (%d)\n", code);
	fflush(NULL);
	_Exit(1);
}

static void nothing(txScreen* self)
{
}

static gboolean idle(gpointer data)
{
	if (screen.idle)
		(*screen.idle)(&screen);
	return G_SOURCE_CONTINUE;
}

static void start(txScreen* self, double interval)
{
	if (!idler)
		idler = g_timeout_add(IDLE, idle, NULL);
}

static void stop(txScreen* self)
{
	if (idler)
		g_source_remove(idler);
	idler = 0;
}

static gboolean end(gpointer data)
{
	if (screen.quit)
		(*screen.quit)(&screen);
	return G_SOURCE_REMOVE;
}

static gboolean boot(gpointer data)
{
	restarter = 0;
	end(NULL);
	(*launch)(&screen);
	return G_SOURCE_REMOVE;
}

/* From the machine: it is running, so nothing is done to it now. */
static void posted(txScreen* self, char* message, int size)
{
	int delay;
	if (!strcmp(message, "exit"))
		g_idle_add(leave, NULL);
	else if (!strcmp(message, "off"))
		g_idle_add(end, NULL);
	else if (1 == sscanf(message, "restart %d", &delay) && !restarter)
		restarter = g_timeout_add(delay, boot, NULL);
}

static gboolean shutdown(gpointer data)
{
	if (screen.invoke && !restarter) {
		(*screen.invoke)(&screen, "shutdown", 0);
		g_timeout_add(GOODBYE, leave, NULL);
	}
	else
		g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static gboolean readable(GIOChannel* channel, GIOCondition condition, gpointer data)
{
	gchar* line = NULL;
	gsize length, terminator;
	GIOStatus result = g_io_channel_read_line(channel, &line, &length, &terminator, NULL);
	if (result == G_IO_STATUS_NORMAL) {
		line[terminator] = 0;
		if (screen.invoke) {
			gchar* message = g_strconcat("> ", line, NULL);
			(*screen.invoke)(&screen, message, 0);
			g_free(message);
		}
		else if (!strcmp(line, "power on"))
			boot(NULL);
	}
	g_free(line);
	return result == G_IO_STATUS_NORMAL || result == G_IO_STATUS_AGAIN;
}

int main(int argc, char* argv[])
{
	void* library = (argc == 2) ? dlopen(argv[1], RTLD_NOW) : NULL;
	launch = library ? (txScreenLaunchProc)dlsym(library, "fxScreenLaunch") : NULL;
	if (!launch) {
		fprintf(stderr, "usage: runner mc.so%s%s\n", library || argc == 2 ? ": " : "", argc == 2 ? dlerror() : "");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	loop = g_main_loop_new(NULL, FALSE);
	g_mutex_init(&screen.workersMutex);
	screen.abort = aborted;
	screen.bufferChanged = screen.formatChanged = nothing;
	screen.post = posted;
	screen.start = start;
	screen.stop = stop;
	g_unix_signal_add(SIGTERM, shutdown, NULL);
	g_unix_signal_add(SIGINT, shutdown, NULL);
	GIOChannel* input = g_io_channel_unix_new(0);
	g_io_channel_set_encoding(input, NULL, NULL);
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, readable, NULL);
	(*launch)(&screen);
	g_main_loop_run(loop);
	end(NULL);
	return status;
}
