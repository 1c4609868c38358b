#include "tests/unit/office/play.h"

#include "firmware/core/err.h"
#include "host/cli/when.h"
#include "host/office/books_internal.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/stub_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONTROLLERS 8

static struct lq_books books;
static bool together;
static struct {
	char name[LQ_NAME_SIZE];
	uint64_t seq;
	uint64_t transaction;
} controllers[CONTROLLERS];

int play_begin(void **state)
{
	int r = stub_begin(state);
	stub.config.day_cut = 4;
	memset(controllers, 0, sizeof(controllers));
	together = false;
	books = (struct lq_books){
		.db = stub.db, .config = &stub.config, .settings = lq_visit_settings_usual()};
	tzset();
	return r == LQ_OK ? lq_passages_begin(&books) : r;
}

int play_end(void **state)
{
	lq_passages_end(&books);
	return stub_end(state);
}

void play_dies(void)
{
	books.passages.count = 0;
	lq_passages_end(&books);
	assert_int_equal(lq_passages_begin(&books), LQ_OK);
}

static char folder[sizeof("/tmp/loquet-play-XXXXXX")];
static const char *const files[] = {"office.db", "office.db-wal", "office.db-shm"};

static void name_file(size_t i, char ret_path[64])
{
	(void)snprintf(ret_path, 64, "%s/%s", folder, files[i]);
}

int play_begin_in_file(void **state)
{
	char path[64];
	int r = play_begin(state);
	lq_db_close(stub.db);
	stub.db = NULL;
	(void)snprintf(folder, sizeof(folder), "/tmp/loquet-play-XXXXXX");
	if (r != 0 || mkdtemp(folder) == NULL) {
		return -1;
	}
	name_file(0, path);
	r = lq_db_open_sqlite(path, LQ_DB_KEEP, &stub.db);
	books.db = stub.db;
	r = r == LQ_OK ? lq_db_migrate(stub.db, lq_office_migrations, lq_office_migration_count)
		       : r;
	if (r == LQ_OK) {
		play_dies();
	}
	return r;
}

int play_end_in_file(void **state)
{
	char path[64];
	int r = play_end(state);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		name_file(i, path);
		(void)unlink(path);
	}
	return r == 0 ? rmdir(folder) : r;
}

static bool stands_in(const char *path, const char *text)
{
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return false;
	}
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size_t size = (size_t)ftell(file);
	char *bytes = malloc(size + 1);
	assert_non_null(bytes);
	rewind(file);
	assert_int_equal(fread(bytes, 1, size, file), size);
	bool found = memmem(bytes, size, text, strlen(text)) != NULL;
	free(bytes);
	assert_int_equal(fclose(file), 0);
	return found;
}

bool play_stands(const char *text)
{
	char path[64];
	bool found = false;
	for (size_t i = 0; i < 2 && !found; i++) { /* its index holds no contents */
		name_file(i, path);
		found = stands_in(path, text);
	}
	return found;
}

struct lq_books *play_books(void)
{
	return &books;
}

void play_settings(const struct lq_visit_settings *settings)
{
	lq_books_use(&books, settings);
}

int64_t play_at(const char *local)
{
	struct tm date = {.tm_isdst = -1};
	const char *end = strptime(local, "%Y-%m-%d %H:%M", &date);
	assert_non_null(end);
	assert_int_equal(*end, '\0');
	date.tm_isdst = -1;
	return (int64_t)mktime(&date) * 1000;
}

void play_now(const char *local)
{
	stub.now_ms = play_at(local);
}

void play_together(void)
{
	together = true;
}

void play_commit(void)
{
	together = false;
	assert_int_equal(lq_books_commit(&books), LQ_OK);
}

void play_rollback(void)
{
	together = false;
	lq_db_rollback(stub.db);
}

static int place_of(const char *controller)
{
	int at = 0;
	while (controllers[at].name[0] != '\0' && strcmp(controllers[at].name, controller) != 0) {
		at++;
		assert_true(at < CONTROLLERS);
	}
	(void)snprintf(controllers[at].name, sizeof(controllers[at].name), "%s", controller);
	return at;
}

enum lq_books_finding play_row(
	const char *controller, uint64_t seq, const char *type, int64_t at_ms, const char *data)
{
	char topic[128];
	char body[1024];
	char time[LQ_RFC3339_SIZE];
	struct lq_feed_event event;
	enum lq_books_finding finding = LQ_BOOKS_NEW;
	int at = place_of(controller);
	lq_wall_rfc3339(at_ms, time);
	(void)snprintf(
		topic, sizeof(topic), "loquet/1/%s/%s/events", stub.config.space, controller);
	int length = snprintf(body, sizeof(body),
		"{\"specversion\":\"1.0\",\"id\":\"%s/%" PRIu64
		"\",\"source\":\"urn:loquet:%s:%s\","
		"\"type\":\"org.loquet.%s.v1\",\"time\":\"%s\",\"sequence\":\"%020" PRIu64 "\","
		"\"loquetclock\":\"synchronised\",\"datacontenttype\":\"application/json\","
		"\"data\":{%s}}",
		controller, seq, stub.config.space, controller, type, time, seq, data);
	assert_true(length > 0 && (size_t)length < sizeof(body));
	assert_int_equal(
		lq_feed_read(stub.config.space, topic, body, (size_t)length, &event), LQ_OK);
	assert_int_equal(lq_books_begin(&books), LQ_OK);
	int r = lq_books_take(&books, &event, body, (size_t)length, &finding);
	if (r != LQ_OK) {
		fail_msg("%s", lq_db_error(stub.db));
	}
	if (!together) {
		assert_int_equal(lq_books_commit(&books), LQ_OK);
	}
	if (seq > controllers[at].seq) {
		controllers[at].seq = seq;
	}
	return finding;
}

enum lq_books_finding play_event(
	const char *controller, const char *type, int64_t at_ms, const char *data)
{
	return play_row(controller, controllers[place_of(controller)].seq + 1, type, at_ms, data);
}

void play_passes(const char *controller, const char *holder, enum play_way way, int64_t at_ms)
{
	char data[256];
	int at = place_of(controller);
	(void)snprintf(data, sizeof(data),
		"\"door\":\"front\",\"accessPoint\":\"front/%s\",\"transaction\":\"1-%" PRIu64 "\","
		"\"credential\":\"c1\",\"holder\":\"%s\"",
		way == PLAY_IN ? "entry" : "exit", ++controllers[at].transaction, holder);
	(void)play_event(controller, "access.granted", at_ms, data);
	(void)play_event(controller, "access.taken", at_ms, data);
}

void play_enters(const char *controller, const char *holder, const char *local)
{
	play_passes(controller, holder, PLAY_IN, play_at(local));
}

void play_leaves(const char *controller, const char *holder, const char *local)
{
	play_passes(controller, holder, PLAY_OUT, play_at(local));
}

void play_person(int64_t number, const char *name, const char *kind, bool hidden, bool board)
{
	int64_t r = lq_db_run(stub.db,
		"INSERT INTO person (number, name, folded, kind, profile, hidden, board, created, "
		"changed) VALUES (?1, ?2, ?2, ?3, 'always', ?4, ?5, 0, 0)",
		"ittii", number, name, kind, (int64_t)hidden, (int64_t)board);
	assert_int_equal(r, 1);
}
