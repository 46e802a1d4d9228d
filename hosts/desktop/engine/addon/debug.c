/*
	The debugger: what XS asks of its platform to talk to xsbug, over TCP. Only machines that were made with an address
	connect, and only they ask anything at each line (xs/run.c); a machine that stands blocks its thread.
*/
#define _GNU_SOURCE
#include "engine.h"
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
	#define MSG_NOSIGNAL 0 /* macOS: Node ignores the signal */
#endif
#ifndef MSG_MORE
	#define MSG_MORE 0
#endif

/* A debugger on another computer that is off must not hold up the boot. */
#define VG_CONNECT_SECONDS 2

/* Of one machine; in a list, for threads that end machines that stand. */
struct VgDebugger {
	VgDebugger* next;
	char* host;
	char* port;
	double id;
	int socket; /* -1: not connected */
	txBoolean interrupted;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static VgDebugger* first;

static VgDebugger* debuggerOf(txMachine* the)
{
	return ((VgMachine*)the->context)->debugger;
}

/* NULL: no memory. */
VgDebugger* vgDebuggerCreate(const char* host, const char* port, double id)
{
	VgDebugger* debugger = calloc(1, sizeof(VgDebugger));
	if (!debugger)
		return NULL;
	debugger->host = strdup(host);
	debugger->port = strdup(port);
	debugger->id = id;
	debugger->socket = -1;
	pthread_mutex_lock(&mutex);
	debugger->next = first;
	first = debugger;
	pthread_mutex_unlock(&mutex);
	return debugger;
}

static void hangUp(VgDebugger* debugger)
{
	int socket;
	pthread_mutex_lock(&mutex);
	socket = debugger->socket;
	debugger->socket = -1;
	pthread_mutex_unlock(&mutex);
	if (socket >= 0)
		close(socket);
}

void vgDebuggerDelete(VgDebugger* debugger)
{
	VgDebugger** link = &first;
	if (!debugger)
		return;
	hangUp(debugger);
	pthread_mutex_lock(&mutex);
	while (*link != debugger)
		link = &(*link)->next;
	*link = debugger->next;
	pthread_mutex_unlock(&mutex);
	free(debugger->host);
	free(debugger->port);
	free(debugger);
}

txBoolean vgDebuggerConnected(VgDebugger* debugger)
{
	return debugger && debugger->socket >= 0;
}

/* From any thread: a machine that stands, or stops next, ends at once. 0: all of them. */
void vgDebuggerInterrupt(double id)
{
	VgDebugger* debugger;
	pthread_mutex_lock(&mutex);
	for (debugger = first; debugger; debugger = debugger->next) {
		if (id && debugger->id != id)
			continue;
		debugger->interrupted = 1;
		if (debugger->socket >= 0)
			shutdown(debugger->socket, SHUT_RDWR);
	}
	pthread_mutex_unlock(&mutex);
}

void fxConnect(txMachine* the)
{
	VgDebugger* debugger = debuggerOf(the);
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *addresses = NULL, *address;
	struct timeval limit = { VG_CONNECT_SECONDS, 0 }, none = { 0, 0 };
	int fd = -1, one = 1;
	if (!debugger || debugger->interrupted || getaddrinfo(debugger->host, debugger->port, &hints, &addresses))
		return;
	for (address = addresses; address && fd < 0; address = address->ai_next) {
		fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
		if (fd >= 0)
			setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		if (fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) < 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(addresses);
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	pthread_mutex_lock(&mutex);
	debugger->socket = fd;
	pthread_mutex_unlock(&mutex);
	the->debugged = 1;
}

void fxDisconnect(txMachine* the)
{
	the->debugged = 0;
	if (debuggerOf(the))
		hangUp(debuggerOf(the));
}

txBoolean fxIsConnected(txMachine* the)
{
	return the->debugged;
}

/* Whether the debugger has said something: asked at each line. */
txBoolean vgIsReadable(txMachine* the)
{
	struct pollfd poller = { .fd = debuggerOf(the)->socket, .events = POLLIN };
	return poll(&poller, 1, 0) > 0;
}

/* Waits. A debugger that has gone is forgotten, and the firmware runs on. */
void fxReceive(txMachine* the)
{
	VgDebugger* debugger = debuggerOf(the);
	ssize_t size;
	the->debugOffset = 0;
	do
		size = recv(debugger->socket, the->debugBuffer, sizeof(the->debugBuffer) - 1, 0);
	while (size < 0 && errno == EINTR);
	if (debugger->interrupted) {
		fxDisconnect(the);
		fxAbort(the, XS_DEBUGGER_EXIT);
	}
	if (size <= 0) {
		fxDisconnect(the);
		size = 0;
	}
	the->debugOffset = (txSize)size;
	the->debugBuffer[size] = 0;
}

void fxSend(txMachine* the, txBoolean more)
{
	const char* data = the->echoBuffer;
	size_t left = (size_t)the->echoOffset;
	while (left > 0 && the->debugged) {
		ssize_t size = send(debuggerOf(the)->socket, data, left, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
		if (size < 0 && errno != EINTR)
			fxDisconnect(the);
		else if (size > 0) {
			data += size;
			left -= (size_t)size;
		}
	}
}

/* As fxEndHost. A step from the last line of an event leads to the first of the next: fxBeginHost takes the flag there. */
void vgEndHost(VgMachine* machine)
{
	txMachine* the = machine->the;
	if (the->debugged && (the->frame->flag & XS_STEP_OVER_FLAG))
		the->breakOnStartFlag = machine->stepping = 1;
	fxEndHost(the);
}

/* A body for vgEnter: what the debugger has said while nothing ran. A machine that it stops now stands without a line. */
void vgDebugListen(VgMachine* machine, void* argument)
{
	txMachine* the = machine->the;
	(void)argument;
	while (the->debugged && vgIsReadable(the))
		fxDebugCommand(the);
	if (!the->breakOnStartFlag)
		machine->stepping = 0;
	if (the->debugged && the->breakOnStartFlag && !machine->stepping) {
		fxBeginHost(the);
		fxDebugLoop(the, C_NULL, 0, "stopped between two events");
		the->breakOnStartFlag = 0;
		vgEndHost(machine);
	}
}

/* Stands where the firmware is about to end, with the reason. */
void vgDebugEnd(txMachine* the, const char* message)
{
	if (the->debugged && the->frame)
		fxDebugLoop(the, C_NULL, 0, (txString)message);
	else if (the->debugged)
		fxReport(the, "%s\n", message);
}
