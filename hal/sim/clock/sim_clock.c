#include "hal/sim/clock/sim_clock.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <pthread.h>
#include <stdlib.h>

struct lq_sim_clock {
	pthread_mutex_t mutex;
	struct lq_mono mono;
	struct lq_wall wall;
};

static struct lq_mono mono(void *ctx)
{
	struct lq_sim_clock *self = ctx;
	pthread_mutex_lock(&self->mutex);
	struct lq_mono now = self->mono;
	pthread_mutex_unlock(&self->mutex);
	return now;
}

static struct lq_wall wall(void *ctx)
{
	struct lq_sim_clock *self = ctx;
	pthread_mutex_lock(&self->mutex);
	struct lq_wall now = self->wall;
	pthread_mutex_unlock(&self->mutex);
	return now;
}

int lq_sim_clock_open(struct lq_mono start, struct lq_wall date, struct lq_sim_clock **ret_clock)
{
	struct lq_sim_clock *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int failed = pthread_mutex_init(&self->mutex, NULL);
	LQ_ASSERT(failed == 0);
	self->mono = start;
	self->wall = date;
	*ret_clock = self;
	return LQ_OK;
}

void lq_sim_clock_close(struct lq_sim_clock *clock)
{
	pthread_mutex_destroy(&clock->mutex);
	free(clock);
}

struct lq_clock lq_sim_clock_port(struct lq_sim_clock *clock)
{
	return (struct lq_clock){.ctx = clock, .mono = mono, .wall = wall};
}

void lq_sim_clock_advance_ms(struct lq_sim_clock *clock, uint32_t ms)
{
	pthread_mutex_lock(&clock->mutex);
	clock->mono = lq_mono_after_ms(clock->mono, ms);
	clock->wall.unix_ms += ms;
	pthread_mutex_unlock(&clock->mutex);
}

void lq_sim_clock_set_wall(struct lq_sim_clock *clock, struct lq_wall date)
{
	pthread_mutex_lock(&clock->mutex);
	clock->wall = date;
	pthread_mutex_unlock(&clock->mutex);
}
