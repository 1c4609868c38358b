/* A big office.db, and what its keeping takes.
 *     bench_office fill CONFIG EVENTS PEOPLE DAYS     some of the people are in at the end
 *     bench_office keep CONFIG                        prints milliseconds as JSON
 * The file is written without waiting for the disk. Old events are as the office leaves them: those
 * that tell of persons are emptied. Passages and visits are of all the days, many more than are
 * kept by law. */
#include "firmware/config/config.h"
#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "firmware/store/hash.h"
#include "host/office/books.h"
#include "host/office/business_day.h"
#include "host/office/figures.h"
#include "host/office/law.h"
#include "host/office/realm.h"
#include "host/office/visits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DAY_MS       INT64_C(86400000)
#define HOUR_MS      INT64_C(3600000)
#define KEPT_DAYS    90
#define LESS_DAYS    30
#define CHECKED_DAYS 10 /* transactions of so many */
#define CONTROLLER   "front-board"
#define BODY_SIZE    768u

static int64_t now_ms(clockid_t clock)
{
	struct timespec now;
	(void)clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* What is older is too old today. */
static int64_t kept_from(const struct lq_config *config)
{
	return lq_business_day_at(now_ms(CLOCK_REALTIME) - KEPT_DAYS * DAY_MS, config->day_cut)
		.begins_ms;
}

/* ---- the rows ---- */

struct filling {
	struct lq_db *db;
	const struct lq_config *config;
	int64_t events; /* to be written */
	int64_t people;
	int64_t days;
	int64_t seq; /* of the last one */
	int64_t tap;
	int64_t kept_ms; /* what is older is emptied */
};

static const struct kind {
	const char *type;
	bool is_passage;
	enum lq_evidence evidence;
	int64_t after_ms;
} kinds[] = {
	{"access.granted", true, LQ_EVIDENCE_GRANTED, 0},
	{"door.released", false, LQ_EVIDENCE_GRANTED, 4},
	{"door.opened", false, LQ_EVIDENCE_GRANTED, 1800},
	{"access.taken", true, LQ_EVIDENCE_TAKEN, 1801},
	{"door.closed", false, LQ_EVIDENCE_GRANTED, 4000},
	{"door.relocked", false, LQ_EVIDENCE_GRANTED, 5000},
};

#define OF_A_TAP ((int64_t)(sizeof(kinds) / sizeof(kinds[0])))

struct tap {
	int64_t holder;
	int64_t at_ms;
	enum lq_direction direction;
};

static size_t write_body(const struct filling *filling, const struct kind *kind,
	const struct tap *tap, char out[BODY_SIZE])
{
	char time[LQ_RFC3339_SIZE];
	char who[256] = "";
	lq_wall_rfc3339(tap->at_ms + kind->after_ms, time);
	if (kind->is_passage) {
		(void)snprintf(who, sizeof(who),
			",\"accessPoint\":\"front/%s\",\"reader\":\"front-%s\",\"credential\":"
			"\"c%" PRId64 "\",\"holder\":\"p%" PRId64
			"\",\"method\":\"uid\",\"stagesUs\":{\"decide\":31,\"record\":1400}",
			tap->direction == LQ_DIRECTION_EXIT ? "exit" : "entry",
			tap->direction == LQ_DIRECTION_EXIT ? "out" : "in", tap->holder,
			tap->holder);
	}
	return (size_t)snprintf(out, BODY_SIZE,
		"{\"specversion\":\"1.0\",\"id\":\"" CONTROLLER "/%" PRId64
		"\",\"source\":\"urn:loquet:demo:" CONTROLLER "\",\"type\":\"org.loquet.%s.v1\","
		"\"time\":\"%s\",\"sequence\":\"%020" PRId64
		"\",\"loquetclock\":\"synchronised\",\"datacontenttype\":\"application/json\","
		"\"data\":{\"door\":\"front\",\"transaction\":\"1-%" PRId64 "\"%s}}",
		filling->seq, kind->type, time, filling->seq, filling->tap, who);
}

static int64_t add_event(
	const struct filling *filling, const struct kind *kind, const struct tap *tap)
{
	char type[64];
	char text[BODY_SIZE];
	uint8_t hash[LQ_HASH_SIZE];
	int64_t at_ms = tap->at_ms + kind->after_ms;
	bool emptied = kind->is_passage && at_ms < filling->kept_ms;
	struct lq_blob body = {.bytes = text, .length = write_body(filling, kind, tap, text)};
	const struct lq_blob hash_blob = {.bytes = emptied ? hash : NULL, .length = sizeof(hash)};
	(void)snprintf(type, sizeof(type), "org.loquet.%s.v1", kind->type);
	if (emptied) {
		lq_hash(body.bytes, body.length, hash);
		body.length = 0;
	}
	return lq_db_run(filling->db,
		"INSERT INTO event (controller, seq, type, body, at, hash, personal) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		"titbibi", CONTROLLER, filling->seq, type, &body, at_ms, &hash_blob,
		(int64_t)(kind->is_passage && !emptied));
}

static int64_t add_passage(
	const struct filling *filling, const struct kind *kind, const struct tap *tap)
{
	return lq_db_run(filling->db,
		"INSERT INTO passage (controller, seq, holder, zone, epoch, number, direction, "
		"evidence, at, trust, realm) VALUES (?1, ?2, ?3, 'space', 1, ?4, ?5, ?6, ?7, ?8, "
		"'')",
		"tiiiiiii", CONTROLLER, filling->seq, tap->holder, filling->tap,
		(int64_t)tap->direction, (int64_t)kind->evidence, tap->at_ms + kind->after_ms,
		(int64_t)LQ_TRUST_SYNCHRONISED);
}

static int64_t add_tap(struct filling *filling, const struct tap *tap)
{
	int64_t r = 0;
	filling->tap++;
	for (int64_t i = 0; i < OF_A_TAP && r >= 0; i++) {
		filling->seq++;
		r = add_event(filling, &kinds[i], tap);
		r = r >= 0 && kinds[i].is_passage ? add_passage(filling, &kinds[i], tap) : r;
	}
	return r;
}

static int by_time(const void *left, const void *right)
{
	const struct tap *a = left;
	const struct tap *b = right;
	return a->at_ms < b->at_ms ? -1 : a->at_ms > b->at_ms;
}

/* Everybody comes and goes, as often as it takes; on the last day they have come, up to now, and
 * most are still there. */
static size_t plan_day(const struct filling *filling, const struct lq_business_day *day,
	size_t count, struct tap *taps)
{
	int64_t end_ms = day->ends_ms - HOUR_MS;
	int64_t now = now_ms(CLOCK_REALTIME);
	bool last = now < day->ends_ms;
	int64_t span_ms = (last && now < end_ms ? now : end_ms) - day->begins_ms - 60000;
	span_ms = span_ms < 60000 ? 60000 : span_ms;
	for (size_t i = 0; i < count; i++) {
		int64_t round = (int64_t)i / filling->people;
		int64_t part = (int64_t)(i * UINT64_C(2654435761) % 1000);
		taps[i] = (struct tap){.holder = 1 + (int64_t)i % filling->people,
			.at_ms = day->begins_ms + span_ms * (part + 1000 * round) / 1000 /
							  ((int64_t)count / filling->people + 1),
			.direction =
				round % 2 == 0 || last ? LQ_DIRECTION_ENTRY : LQ_DIRECTION_EXIT};
	}
	qsort(taps, count, sizeof(*taps), by_time);
	return count;
}

static int derive_day(const struct filling *filling, const struct lq_business_day *day)
{
	const struct lq_visit_settings settings = lq_visit_settings_usual();
	int r = LQ_OK;
	for (int64_t holder = 1; holder <= filling->people && r == LQ_OK; holder++) {
		const struct lq_visit_owner owner = {
			.realm = LQ_REALM_OFFICE, .holder = holder, .zone = "space"};
		r = lq_visits_derive(filling->db, &settings, &owner, day);
	}
	return r;
}

static int fill_day(struct filling *filling, const struct lq_business_day *day, size_t count)
{
	struct tap *taps = calloc(count, sizeof(*taps));
	int64_t r = taps != NULL ? LQ_OK : LQ_ERR_NO_MEMORY;
	count = r == LQ_OK ? plan_day(filling, day, count, taps) : 0;
	for (size_t i = 0; i < count && r >= 0; i++) {
		r = add_tap(filling, &taps[i]);
	}
	free(taps);
	return r < 0 ? (int)r : derive_day(filling, day);
}

static int fill_days(struct filling *filling)
{
	int64_t today_ms = now_ms(CLOCK_REALTIME);
	size_t taps = (size_t)(filling->events / OF_A_TAP / filling->days);
	int r = LQ_OK;
	for (int64_t i = filling->days - 1; i >= 0 && r == LQ_OK; i--) {
		struct lq_business_day day =
			lq_business_day_at(today_ms - i * DAY_MS, filling->config->day_cut);
		r = lq_db_begin(filling->db);
		r = r == LQ_OK ? fill_day(filling, &day, taps) : r;
		if (r == LQ_OK && i % CHECKED_DAYS == 0) {
			r = lq_db_commit(filling->db);
		}
	}
	return r;
}

static int fill_people(const struct filling *filling)
{
	int64_t r = lq_db_begin(filling->db);
	for (int64_t number = 1; number <= filling->people && r >= 0; number++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "person %" PRId64, number);
		r = lq_db_run(filling->db,
			"INSERT INTO person (number, name, folded, kind, profile, created, "
			"changed) "
			"VALUES (?1, ?2, ?2, 'member', 'always', 0, 0)",
			"it", number, name);
	}
	return r < 0 ? (int)r : LQ_OK;
}

/* What follows from the rows, as if the office had been there all the time. */
static int conclude(const struct filling *filling)
{
	const struct lq_visit_settings settings = lq_visit_settings_usual();
	int64_t r =
		lq_db_run(filling->db, "INSERT INTO zone (name, exits) VALUES ('space', 1)", "");
	r = r < 0 ? r
		  : lq_db_run(filling->db,
			    "INSERT INTO controller (name, last, settled) "
			    "VALUES ('" CONTROLLER "', ?1, ?1)",
			    "i", filling->seq);
	r = r < 0 ? r : lq_figures_refresh(filling->db, INT64_MAX);
	r = r < 0 ? r : lq_law_bill(filling->db, &settings, now_ms(CLOCK_REALTIME));
	r = r < 0 ? r
		  : lq_db_run(filling->db, "UPDATE ledger SET purged = ?1", "i", filling->kept_ms);
	return r < 0 ? (int)r : lq_db_commit(filling->db);
}

static int fill(const struct lq_config *config, struct lq_books *books, char **amounts)
{
	struct filling filling = {.db = lq_books_db(books),
		.config = config,
		.events = strtoll(amounts[0], NULL, 10),
		.people = strtoll(amounts[1], NULL, 10),
		.days = strtoll(amounts[2], NULL, 10)};
	filling.kept_ms = kept_from(config);
	if (filling.people < 1 || filling.days < 1 || filling.events < 1) {
		return LQ_ERR_INVALID;
	}
	int r = (int)lq_db_run(filling.db, "PRAGMA synchronous = OFF", "");
	r = r < 0 ? r : (int)lq_db_run(filling.db, "PRAGMA cache_size = -262144", "");
	r = r < 0 ? r : fill_people(&filling);
	r = r == LQ_OK ? fill_days(&filling) : r;
	r = r == LQ_OK ? conclude(&filling) : r;
	return r == LQ_OK ? lq_db_scrub(filling.db) : r;
}

/* ---- its keeping ---- */

static int64_t count_of(struct lq_books *books, const char *sql)
{
	int64_t value = -1;
	(void)lq_db_integer(lq_books_db(books), &value, -1, sql, "");
	return value;
}

struct clock {
	struct lq_books *books;
	int64_t at_ms;
};

static int time_keep(struct clock *clock, int64_t later_ms, int64_t days, int64_t *ret_ms)
{
	int64_t began_ms = now_ms(CLOCK_MONOTONIC);
	clock->at_ms += later_ms;
	int r = lq_books_keep(clock->books, days, clock->at_ms);
	*ret_ms = now_ms(CLOCK_MONOTONIC) - began_ms;
	return r;
}

static int say_keep(struct clock *clock, int64_t later_ms, const char *name)
{
	int64_t took_ms = 0;
	int r = time_keep(clock, later_ms, KEPT_DAYS, &took_ms);
	(void)printf("\"%s\":%" PRId64 ",", name, took_ms);
	return r;
}

/* A space that keeps everything for a month less from now on. */
static int catch_up(struct clock *clock)
{
	int64_t longest_ms = 0;
	int64_t took_ms = 0;
	int64_t steps = 0;
	int r = time_keep(clock, HOUR_MS, KEPT_DAYS - LESS_DAYS, &longest_ms);
	for (int64_t i = 0; i < LESS_DAYS && r == LQ_OK; i++) {
		r = time_keep(clock, 1000, KEPT_DAYS - LESS_DAYS, &took_ms);
		longest_ms = took_ms > longest_ms ? took_ms : longest_ms;
		steps += took_ms > 0 ? 1 : 0;
	}
	(void)printf("\"steps\":%" PRId64 ",\"step\":%" PRId64 ",", steps, longest_ms);
	return r;
}

static int erase(struct clock *clock)
{
	struct lq_db *db = lq_books_db(clock->books);
	int64_t began_ms = now_ms(CLOCK_MONOTONIC);
	int r = lq_db_begin(db);
	r = r == LQ_OK ? lq_law_erase(db, 1, clock->at_ms) : r;
	r = r == LQ_OK ? lq_db_commit(db) : r;
	(void)printf("\"erase\":%" PRId64 "}\n", now_ms(CLOCK_MONOTONIC) - began_ms);
	return r;
}

/* As the law wants it, and as the office would have left it. */
static int forget_old(struct lq_db *db, int64_t kept_ms)
{
	int64_t r = lq_db_run(db, "DELETE FROM passage WHERE at < ?1", "i", kept_ms);
	r = r < 0 ? r : lq_db_run(db, "DELETE FROM visit WHERE day_begins < ?1", "i", kept_ms);
	return r < 0 ? (int)r : lq_db_scrub(db);
}

static int keep(const struct lq_config *config, struct lq_books *books)
{
	struct clock clock = {.books = books, .at_ms = now_ms(CLOCK_REALTIME)};
	(void)printf("{\"events\":%" PRId64 ",\"visits\":%" PRId64 ",",
		count_of(books, "SELECT count(*) FROM event"),
		count_of(books, "SELECT count(*) FROM visit"));
	int r = forget_old(lq_books_db(books), kept_from(config));
	r = r == LQ_OK ? say_keep(&clock, 0, "start") : r;
	r = r == LQ_OK ? say_keep(&clock, 60000, "minute") : r;
	r = r == LQ_OK ? say_keep(&clock, HOUR_MS, "hour") : r;
	r = r == LQ_OK ? say_keep(&clock, DAY_MS, "day") : r;
	r = r == LQ_OK ? catch_up(&clock) : r;
	return r == LQ_OK ? erase(&clock) : r;
}

int main(int argc, char **argv)
{
	static struct lq_config config;
	struct lq_config_error error;
	struct lq_books *books = NULL;
	bool filling = argc == 6 && strcmp(argv[1], "fill") == 0;
	if (!filling && (argc != 3 || strcmp(argv[1], "keep") != 0)) {
		(void)fputs("usage: bench_office fill CONFIG EVENTS PEOPLE DAYS | keep CONFIG\n",
			stderr);
		return 2;
	}
	if (lq_config_load(argv[2], lq_speech_usual(), &config, &error) != LQ_OK) {
		(void)fprintf(stderr, "bench_office: %s\n", error.message);
		return EXIT_FAILURE;
	}
	(void)mkdir(config.state_dir, 0750);
	int r = lq_books_open(&config, LQ_DB_KEEP, &books);
	if (r == LQ_OK) {
		r = filling ? fill(&config, books, argv + 3) : keep(&config, books);
	}
	if (r != LQ_OK) {
		(void)fprintf(stderr, "bench_office: %s: %s\n", lq_err_text(r),
			books != NULL ? lq_books_error(books) : "");
	}
	lq_books_close(books);
	return r == LQ_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
