/* Fills the state folder of a configuration with as many badges and journal rows as asked for. */
#include "firmware/config/config.h"
#include "firmware/core/err.h"
#include "firmware/store/store.h"
#include "hal/linux/linux_entropy.h"
#include "tests/bench/badges.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BATCH     1000u
#define PATH_SIZE 128u
#define BEGIN_MS  INT64_C(1767225600000) /* 2026-01-01 */

static void step(sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE) {
		(void)fputs("bench_furnish: a row was refused\n", stderr);
		exit(EXIT_FAILURE);
	}
	(void)sqlite3_reset(statement);
}

/* One transaction: a badge at a time, as an operator enrols them, would wait for the disk each
 * time. */
static int add_badges(const char *folder, const struct lq_keys *keys, uint32_t count)
{
	char path[PATH_SIZE];
	sqlite3 *db = NULL;
	sqlite3_stmt *member = NULL;
	sqlite3_stmt *credential = NULL;
	(void)snprintf(path, sizeof(path), "%.90s/%s", folder, LQ_STORE_FILE);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
		sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(db,
			"INSERT INTO member (id, name, profile) VALUES (?1, 'Member ' || ?1, 1)",
			-1, &member, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(db, "INSERT INTO credential (member, key) VALUES (?1, ?2)", -1,
			&credential, NULL) != SQLITE_OK) {
		return LQ_ERR_IO;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint8_t uid[BADGE_UID_SIZE];
		uint8_t key[16];
		badge_uid(i, uid);
		if (lq_uid_key(keys, uid, sizeof(uid), key) != LQ_OK) {
			return LQ_ERR_IO;
		}
		(void)sqlite3_bind_int64(member, 1, i + 1);
		step(member);
		(void)sqlite3_bind_int64(credential, 1, i + 1);
		(void)sqlite3_bind_blob(credential, 2, key, sizeof(key), SQLITE_STATIC);
		step(credential);
	}
	(void)sqlite3_finalize(member);
	(void)sqlite3_finalize(credential);
	int code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	return sqlite3_close(db) == SQLITE_OK && code == SQLITE_OK ? LQ_OK : LQ_ERR_IO;
}

static int append_rows(struct lq_store *store, uint32_t count)
{
	struct lq_event *batch = calloc(BATCH, sizeof(*batch));
	int r = batch == NULL ? LQ_ERR_NO_MEMORY : LQ_OK;
	for (uint32_t done = 0; done < count && r == LQ_OK; done += BATCH) {
		uint32_t size = count - done < BATCH ? count - done : BATCH;
		for (uint32_t i = 0; i < size; i++) {
			struct lq_wall at = {.unix_ms = BEGIN_MS + (int64_t)(done + i) * 1000};
			batch[i] = lq_event_make(LQ_EVENT_ACCESS_GRANTED, at);
			batch[i].door = 0;
			batch[i].access_point = 0;
			batch[i].reader = 0;
			batch[i].transaction =
				(struct lq_transaction){.run = 1, .number = done + i + 1};
			batch[i].credential = batch[i].holder = done + i + 1;
		}
		r = lq_store_append(store, batch, size, NULL);
	}
	free(batch);
	return r;
}

static int furnish(const struct lq_config *config, uint32_t badges, uint32_t rows)
{
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_site site = lq_config_site(config);
	struct lq_store_report report;
	struct lq_store *store = NULL;
	struct lq_keys keys;
	if (mkdir(config->state_dir, 0750) != 0 && errno != EEXIST) {
		return LQ_ERR_IO;
	}
	int r = lq_keys_load(config->state_dir, &entropy, &keys);
	if (r == LQ_OK) {
		const struct lq_wall begin = {.unix_ms = BEGIN_MS};
		r = lq_store_open(config->state_dir, &site, &keys, begin, &store, &report);
	}
	if (r == LQ_OK) {
		r = add_badges(config->state_dir, &keys, badges);
	}
	if (r == LQ_OK) {
		r = append_rows(store, rows);
	}
	lq_store_close(store);
	return r;
}

int main(int argc, char **argv)
{
	static struct lq_config config;
	struct lq_config_error error;
	if (argc != 4) {
		(void)fputs("usage: bench_furnish CONFIG BADGES ROWS\n", stderr);
		return 2;
	}
	if (lq_config_load(argv[1], lq_speech_usual(), &config, &error) != LQ_OK) {
		(void)fprintf(stderr, "bench_furnish: %s\n", error.message);
		return EXIT_FAILURE;
	}
	int r = furnish(&config, (uint32_t)strtoul(argv[2], NULL, 10),
		(uint32_t)strtoul(argv[3], NULL, 10));
	if (r != LQ_OK) {
		(void)fprintf(stderr, "bench_furnish: %s\n", lq_err_text(r));
	}
	return r == LQ_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
