/* Date, time zone and Math.random of the running machine. */
#include "engine.h"

int vgGetTimeOfDay(struct timeval* value, void* zone)
{
	VgMachine* machine = vgCurrent;
	double milliseconds;
	(void)zone;
	if (machine && !isnan(machine->time))
		milliseconds = machine->time;
	else {
		struct timeval now;
		gettimeofday(&now, NULL);
		milliseconds = (double)now.tv_sec * 1000.0 + floor((double)now.tv_usec / 1000.0);
	}
	if (machine)
		milliseconds += machine->dateOffset;
	value->tv_sec = (time_t)floor(milliseconds / 1000.0);
	value->tv_usec = (suseconds_t)(floor(milliseconds - (double)value->tv_sec * 1000.0) * 1000.0);
	return 0;
}

/* The zone is the machine's, not the process's: the same run gives the same result everywhere. */
struct tm* vgLocalTime(const time_t* time)
{
	static _Thread_local struct tm result;
	time_t local = *time + (vgCurrent ? vgCurrent->zone : 0);
	return gmtime_r(&local, &result);
}

time_t vgMakeTime(struct tm* time)
{
	return timegm(time) - (vgCurrent ? vgCurrent->zone : 0);
}

/* SplitMix64: small, fast, and good for any seed. */
uint32_t vgRandom(void)
{
	static _Thread_local txU8 noMachine = 1;
	txU8* state = vgCurrent ? &vgCurrent->random : &noMachine;
	txU8 value = (*state += 0x9E3779B97F4A7C15ULL);
	value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
	value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
	value ^= value >> 31;
	return (uint32_t)(value >> 33);
}
