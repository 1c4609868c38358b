/* A store in a folder of its own. */
#ifndef LQ_TESTS_UNIT_STORE_BENCH_H
#define LQ_TESTS_UNIT_STORE_BENCH_H

#include "firmware/store/store.h"

#include <sys/types.h>

struct bench {
	char folder[64];
	struct lq_site site;
	struct lq_keys keys;
	struct lq_store *store;
};

extern const struct lq_wall bench_morning;

/* For cmocka. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

void bench_reopen(struct bench *bench, struct lq_store_report *ret_report);
void bench_append(struct bench *bench, unsigned count);
int bench_verify(struct bench *bench, struct lq_verdict *ret_verdict);
uint32_t bench_add_member(struct bench *bench, const char *name);
struct lq_credential bench_enrol(struct bench *bench, uint32_t holder, const uint8_t uid[7]);

/* Changes the file behind the store's back. */
void bench_tamper(struct bench *bench, const char *sql);
/* Whether the file has exactly one row of the answer, and that is true. */
bool bench_holds(struct bench *bench, const char *sql);
void bench_damage(struct bench *bench, off_t from, size_t count);

#endif
