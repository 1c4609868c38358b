/* Any bytes in the place of a CSV file of people or badges that somebody sends to the office: it is
 * refused with a whole problem and nothing stays of it, or it is taken, and what the office tells
 * of itself afterwards is taken as nothing new. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/api_csv.h"
#include "host/office/books_internal.h"
#include "host/office/people.h"
#include "host/office/router.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW_MS INT64_C(1800000000000)

static struct lq_db *db;
static struct lq_config config;

static void forget_key(void)
{
	char path[sizeof(config.state_dir) + 16];
	(void)snprintf(path, sizeof(path), "%s/uid.key", config.state_dir);
	(void)unlink(path);
	(void)rmdir(config.state_dir);
}

/* By which badges' numbers become what is kept of them. */
static void make_key(void)
{
	char path[sizeof(config.state_dir) + 16];
	(void)snprintf(config.state_dir, sizeof(config.state_dir), "/tmp/lq-fuzz-XXXXXX");
	LQ_ASSERT(mkdtemp(config.state_dir) != NULL && atexit(forget_key) == 0);
	(void)snprintf(path, sizeof(path), "%s/uid.key", config.state_dir);
	FILE *file = fopen(path, "we");
	LQ_ASSERT(file != NULL && fprintf(file, "%064d\n", 7) == 65 && fclose(file) == 0);
}

static void begin(void)
{
	static const struct lq_person ada = {
		.name = "Ada Example", .enabled = true, .profile = "always"};
	int64_t number = 0;
	if (db == NULL) {
		LQ_ASSERT(lq_db_open_sqlite(":memory:", LQ_DB_KEEP, &db) == LQ_OK);
		LQ_ASSERT(lq_db_migrate(db, lq_office_migrations, lq_office_migration_count) ==
			  LQ_OK);
		make_key();
		LQ_ASSERT(lq_person_add(db, &ada, NOW_MS, &number) == LQ_OK);
	}
}

static int call(lq_handler *handler, enum lq_language language, const char *text, size_t length,
	struct lq_answer *answer)
{
	static const struct lq_query none;
	struct lq_request request = {.db = db,
		.config = &config,
		.now_ms = NOW_MS,
		.caller = {.account = 1, .name = "desk", .scopes = UINT32_MAX},
		.language = language,
		.query = &none,
		.text = text,
		.text_length = length};
	return handler(&request, answer);
}

static json_int_t count(const struct lq_answer *answer, const char *key)
{
	const json_t *value = json_object_get(answer->json, key);
	LQ_ASSERT(value == NULL || (json_is_integer(value) && json_integer_value(value) >= 0));
	return json_integer_value(value);
}

static void check_problem(const struct lq_answer *answer, int status)
{
	const char *detail = json_string_value(json_object_get(answer->json, "detail"));
	LQ_ASSERT(status == 400 || status == 413 || status == 415);
	LQ_ASSERT(detail != NULL && *detail != '\0');
}

static void bring_back(lq_handler *get, lq_handler *post, enum lq_language language)
{
	struct lq_answer out = {0};
	struct lq_answer in = {0};
	LQ_ASSERT(call(get, language, NULL, 0, &out) == 200 && out.text != NULL);
	LQ_ASSERT(call(post, language, out.text, out.text_length, &in) == 200);
	LQ_ASSERT(count(&in, "added") == 0 && count(&in, "changed") == 0);
	json_decref(in.json);
	free(out.text);
	json_decref(out.json);
}

static void bring(lq_handler *get, lq_handler *post, enum lq_language language, const char *text,
	size_t length)
{
	struct lq_answer answer = {0};
	LQ_ASSERT(lq_db_begin(db) == LQ_OK);
	int status = call(post, language, text, length, &answer);
	if (status >= 400) {
		check_problem(&answer, status);
	} else {
		LQ_ASSERT(status == 200);
		LQ_ASSERT(count(&answer, "added") + count(&answer, "changed") +
				  count(&answer, "unchanged") <=
			  (json_int_t)length);
		bring_back(get, post, language);
	}
	json_decref(answer.json);
	free(answer.text);
	lq_db_rollback(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length + 1);
	LQ_ASSERT(text != NULL);
	(void)(length > 0 ? memcpy(text, bytes, length) : NULL);
	text[length] = '\0';
	begin();
	bring(lq_api_csv_get, lq_api_csv_post, LQ_LANGUAGE_EN, text, length);
	bring(lq_api_badge_csv_get, lq_api_badge_csv_post, LQ_LANGUAGE_FR, text, length);
	free(text);
	return 0;
}
