#include "host/office/deriver.h"

#include "firmware/core/err.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STACK_SIZE 262144u

struct lq_deriver {
	int fd; /* eventfd: some are done */
	bool running;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t woken;
	bool stopped;
	/* In the order of their coming; those that are done stand before the others. */
	size_t done;
	size_t count;
	struct lq_derivation *list[LQ_DERIVER_MAX];
};

int lq_deriver_new(struct lq_deriver **ret_deriver)
{
	struct lq_deriver *deriver = calloc(1, sizeof(*deriver));
	if (deriver == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	deriver->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (deriver->fd < 0) {
		free(deriver);
		return LQ_ERR_IO;
	}
	(void)pthread_mutex_init(&deriver->mutex, NULL);
	(void)pthread_cond_init(&deriver->woken, NULL);
	*ret_deriver = deriver;
	return LQ_OK;
}

static void derive(struct lq_derivation *derivation)
{
	derivation->now.result =
		lq_password_derive(&derivation->now.password, derivation->now.text);
}

/* Under the mutex. The first that waits is done. */
static void conclude(struct lq_deriver *deriver)
{
	deriver->list[deriver->done++]->now.done = true;
	(void)eventfd_write(deriver->fd, 1);
}

static void *run(void *argument)
{
	struct lq_deriver *deriver = argument;
	(void)pthread_mutex_lock(&deriver->mutex);
	while (!deriver->stopped) {
		if (deriver->done == deriver->count) {
			(void)pthread_cond_wait(&deriver->woken, &deriver->mutex);
			continue;
		}
		struct lq_derivation *derivation = deriver->list[deriver->done];
		(void)pthread_mutex_unlock(&deriver->mutex);
		derive(derivation);
		(void)pthread_mutex_lock(&deriver->mutex);
		conclude(deriver);
	}
	(void)pthread_mutex_unlock(&deriver->mutex);
	return NULL;
}

static bool start(struct lq_deriver *deriver)
{
	pthread_attr_t attributes;
	if (deriver->running || pthread_attr_init(&attributes) != 0) {
		return deriver->running;
	}
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	deriver->running = pthread_create(&deriver->thread, &attributes, run, deriver) == 0;
	(void)pthread_attr_destroy(&attributes);
	return deriver->running;
}

/* Under the mutex. */
static bool has_room(const struct lq_deriver *deriver, const char *asker)
{
	size_t same = 0;
	for (size_t i = 0; i < deriver->count; i++) {
		same += strcmp(deriver->list[i]->asker, asker) == 0;
	}
	return deriver->count < LQ_DERIVER_MAX && same < LQ_DERIVER_EACH;
}

int lq_deriver_put(struct lq_deriver *deriver, struct lq_derivation *derivation)
{
	int r = LQ_OK;
	bool threaded = !deriver->stopped && start(deriver);
	(void)pthread_mutex_lock(&deriver->mutex);
	if (deriver->stopped) {
		r = LQ_ERR_CLOSED;
	} else if (!has_room(deriver, derivation->asker)) {
		r = LQ_ERR_FULL;
	} else {
		derivation->wanted = false;
		deriver->list[deriver->count++] = derivation;
		(void)pthread_cond_signal(&deriver->woken);
	}
	if (r == LQ_OK && !threaded) {
		derive(derivation);
		conclude(deriver);
	}
	(void)pthread_mutex_unlock(&deriver->mutex);
	return r;
}

struct lq_derivation *lq_deriver_take(struct lq_deriver *deriver)
{
	struct lq_derivation *first = NULL;
	eventfd_t count = 0;
	(void)eventfd_read(deriver->fd, &count);
	(void)pthread_mutex_lock(&deriver->mutex);
	if (deriver->done > 0) {
		first = deriver->list[0];
		deriver->done--;
		deriver->count--;
		memmove(deriver->list, deriver->list + 1,
			deriver->count * sizeof(struct lq_derivation *));
	}
	(void)pthread_mutex_unlock(&deriver->mutex);
	return first;
}

int lq_deriver_fd(const struct lq_deriver *deriver)
{
	return deriver->fd;
}

void lq_deriver_stop(struct lq_deriver *deriver)
{
	(void)pthread_mutex_lock(&deriver->mutex);
	deriver->stopped = true;
	(void)pthread_cond_signal(&deriver->woken);
	(void)pthread_mutex_unlock(&deriver->mutex);
	if (deriver->running) {
		(void)pthread_join(deriver->thread, NULL);
		deriver->running = false;
	}
	while (deriver->done < deriver->count) {
		deriver->list[deriver->done]->now.result = LQ_ERR_CLOSED;
		conclude(deriver);
	}
}

void lq_deriver_free(struct lq_deriver *deriver)
{
	if (deriver != NULL) {
		lq_deriver_stop(deriver);
		(void)pthread_cond_destroy(&deriver->woken);
		(void)pthread_mutex_destroy(&deriver->mutex);
		(void)close(deriver->fd);
		free(deriver);
	}
}
