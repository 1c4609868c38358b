#include "hal/linux/linux_clock.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "hal/zone.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"

#define TRUST_AGE_MAX_US UINT64_C(1000000)

struct linux_clock {
	pthread_mutex_t mutex;
	bool trust_known;
	enum lq_trust trust;
	uint64_t trust_at_us;
	bool offset_known;
	int32_t offset_s;
	time_t offset_minute; /* Unix minute that the offset belongs to */
};

static struct timespec now_of(clockid_t id)
{
	struct timespec now;
	int result = clock_gettime(id, &now);
	LQ_ASSERT(result == 0);
	return now;
}

static struct lq_mono mono(void *ctx)
{
	(void)ctx;
	struct timespec now = now_of(CLOCK_MONOTONIC);
	return (struct lq_mono){
		.us = (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u};
}

static enum lq_trust look_up_trust(time_t now)
{
	struct timex state = {.modes = 0};
	if (adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0) {
		return LQ_TRUST_SYNCHRONISED;
	}
	return now >= (time_t)LQ_BUILD_YEAR_BEGIN_S ? LQ_TRUST_RTC : LQ_TRUST_UNSET;
}

static int32_t look_up_offset(time_t now)
{
	struct tm local;
	return localtime_r(&now, &local) == NULL ? 0 : (int32_t)local.tm_gmtoff;
}

static struct lq_wall wall(void *ctx)
{
	struct linux_clock *self = ctx;
	uint64_t mono_us = mono(self).us;
	struct timespec now = now_of(CLOCK_REALTIME);
	struct lq_wall result = {
		.unix_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
	};
	time_t minute = now.tv_sec / 60;

	pthread_mutex_lock(&self->mutex);
	if (!self->trust_known || mono_us >= self->trust_at_us + TRUST_AGE_MAX_US) {
		self->trust = look_up_trust(now.tv_sec);
		self->trust_at_us = mono_us;
		self->trust_known = true;
	}
	if (!self->offset_known || minute != self->offset_minute) {
		self->offset_s = look_up_offset(now.tv_sec);
		self->offset_minute = minute;
		self->offset_known = true;
	}
	result.trust = self->trust;
	result.utc_offset_s = self->offset_s;
	pthread_mutex_unlock(&self->mutex);
	return result;
}

/* A zone is a path below the folder; nothing else may be reached through it. */
static bool zone_name_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_+-/";
	return name[0] != '\0' && name[0] != '/' && strspn(name, letters) == strlen(name);
}

/* RFC 8536: every such file begins with "TZif". */
static bool is_zone_file(const char *path)
{
	char magic[4];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		return false;
	}
	ssize_t length = read(fd, magic, sizeof(magic));
	close(fd);
	return length == sizeof(magic) && memcmp(magic, "TZif", sizeof(magic)) == 0;
}

/* As TZ wants it: ":", then the path of the zone's file. */
static bool find_zone(const char *name, char ret_variable[PATH_MAX])
{
	if (!zone_name_valid(name)) {
		return false;
	}
	int length = snprintf(ret_variable, PATH_MAX, ":%s/%s", ZONE_FOLDER, name);
	return length > 0 && length < PATH_MAX && is_zone_file(ret_variable + 1);
}

bool lq_zone_known(const char *name)
{
	char variable[PATH_MAX];
	return find_zone(name, variable);
}

int lq_linux_set_time_zone(const char *name)
{
	char variable[PATH_MAX];
	if (!find_zone(name, variable)) {
		return LQ_ERR_NOT_FOUND;
	}
	if (setenv("TZ", variable, 1) < 0) {
		return LQ_ERR_NO_MEMORY;
	}
	tzset();
	return LQ_OK;
}

int lq_linux_clock_open(const char *time_zone, struct lq_clock *ret_clock)
{
	struct linux_clock *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int result = lq_linux_set_time_zone(time_zone);
	if (result < 0) {
		free(self);
		return result;
	}
	int failed = pthread_mutex_init(&self->mutex, NULL);
	LQ_ASSERT(failed == 0);
	*ret_clock = (struct lq_clock){.ctx = self, .mono = mono, .wall = wall};
	return LQ_OK;
}

void lq_linux_clock_close(struct lq_clock *clock)
{
	struct linux_clock *self = clock->ctx;
	pthread_mutex_destroy(&self->mutex);
	free(self);
	*clock = (struct lq_clock){0};
}
