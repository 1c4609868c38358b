#include "tests/unit/store/bench.h"

#include "firmware/core/err.h"
#include "hal/linux/linux_entropy.h"
#include "tests/lib/cmocka.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct lq_wall bench_morning = {.unix_ms = INT64_C(1789000000000), .trust = LQ_TRUST_RTC};

static void open_bench(struct bench *bench)
{
	struct lq_store_report report;
	struct lq_entropy entropy = lq_linux_entropy();
	assert_int_equal(lq_keys_load(bench->folder, &entropy, &bench->keys), LQ_OK);
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &bench->store, &report),
		LQ_OK);
	assert_string_equal(report.set_aside, "");
}

int bench_set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	(void)snprintf(bench->folder, sizeof(bench->folder), "/tmp/lq-store-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	bench->site = (struct lq_site){
		.space = "demo", .controller = "board", .door_count = 1, .doors = {"front"}};
	open_bench(bench);
	*state = bench;
	return 0;
}

int bench_tear_down(void **state)
{
	struct bench *bench = *state;
	char command[96];
	lq_store_close(bench->store);
	(void)snprintf(command, sizeof(command), "rm -r %s", bench->folder);
	int r = system(command); // NOLINT(cert-env33-c): our own folder
	free(bench);
	return r;
}

void bench_reopen(struct bench *bench, struct lq_store_report *ret_report)
{
	struct lq_entropy entropy = lq_linux_entropy();
	lq_store_close(bench->store);
	bench->store = NULL;
	assert_int_equal(lq_keys_load(bench->folder, &entropy, &bench->keys), LQ_OK);
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &bench->store, ret_report),
		LQ_OK);
}

void bench_append(struct bench *bench, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct lq_event event = lq_event_make(LQ_EVENT_DOOR_CLOSED, bench_morning);
		event.door = 0;
		assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
	}
}

int bench_verify(struct bench *bench, struct lq_verdict *ret_verdict)
{
	return lq_store_verify(bench->store, &bench->site, bench->keys.sign_public, ret_verdict);
}

/* Changes the file behind the store's back. */
void bench_tamper(struct bench *bench, const char *sql)
{
	char path[96];
	sqlite3 *db = NULL;
	(void)snprintf(path, sizeof(path), "%s/door.db", bench->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

bool bench_holds(struct bench *bench, const char *sql)
{
	char path[96];
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	(void)snprintf(path, sizeof(path), "%s/door.db", bench->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	bool holds = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == 1;
	bool alone = sqlite3_step(statement) == SQLITE_DONE;
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return holds && alone;
}

void bench_damage(struct bench *bench, off_t from, size_t count)
{
	char path[96];
	(void)snprintf(path, sizeof(path), "%s/door.db", bench->folder);
	int fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(pwrite(fd, "\xa5", 1, from + (off_t)i), 1);
	}
	assert_int_equal(close(fd), 0);
}

uint32_t bench_add_member(struct bench *bench, const char *name)
{
	uint32_t id = 0;
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	assert_int_equal(lq_member_add(bench->store, name, "always", &event, &id), LQ_OK);
	return id;
}

struct lq_credential bench_enrol(struct bench *bench, uint32_t holder, const uint8_t uid[7])
{
	struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_CHANGED, bench_morning);
	struct lq_credential wanted = {.holder = holder, .valid_to_s = LQ_VALID_FOREVER};
	struct lq_credential stored;
	assert_int_equal(lq_uid_key(&bench->keys, uid, 7, wanted.key), LQ_OK);
	assert_int_equal(lq_badge_enrol(bench->store, &wanted, &event, &stored), LQ_OK);
	return stored;
}
