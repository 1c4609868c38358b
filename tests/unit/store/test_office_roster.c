/* The office's roster into door.db: all of a version or none, in few steps or many. */
#include "firmware/core/err.h"
#include "firmware/store/office_apply.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"
#include "tests/unit/store/bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEALS     (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)
#define TEXT_SIZE 65536u

#define ROWS_A_STEP 40u

/* ---- an office ---- */

struct office {
	struct lq_office_manifest manifest;
	char *parts[LQ_OFFICE_PARTS];
};

static struct office *make_office(void)
{
	struct office *office = calloc(1, sizeof(*office));
	for (size_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		office->parts[i] = calloc(1, TEXT_SIZE);
	}
	office->manifest.iat_s = 1789000000;
	return office;
}

static void free_office(struct office *office)
{
	for (size_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		free(office->parts[i]);
	}
	free(office);
}

static void say(struct office *office, uint16_t part, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct office *office, uint16_t part, const char *format, ...)
{
	va_list arguments;
	size_t length = strlen(office->parts[part]);
	va_start(arguments, format);
	(void)vsnprintf(office->parts[part] + length, TEXT_SIZE - length, format, arguments);
	va_end(arguments);
}

static void add_person(struct office *office, uint32_t number, const char *profile)
{
	say(office, lq_office_part_of(number), "p\t%u\t%s\t1\t0\t0\n", number, profile);
}

/* A badge of the person who was added last, with a key of its number. */
static void add_badge(struct office *office, uint32_t number, uint32_t id, const char *rest)
{
	say(office, lq_office_part_of(number), "b\t%u\t%032x\t%s\n", id, id, rest);
}

static void key_of(uint32_t id, uint8_t ret_key[16])
{
	memset(ret_key, 0, 16);
	for (int i = 0; i < 4; i++) {
		ret_key[15 - i] = (uint8_t)(id >> (8 * i));
	}
}

static void sign(struct office *office, uint64_t version)
{
	office->manifest.version = version;
	for (size_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		memset(office->manifest.hashes[i], 0, LQ_HASH_SIZE);
		if (office->parts[i][0] != '\0') {
			lq_hash(office->parts[i], strlen(office->parts[i]),
				office->manifest.hashes[i]);
		}
	}
}

static void put_piece(int fd, const struct office *office, uint16_t part)
{
	const struct lq_office_piece piece = {
		.part = part, .length = (uint32_t)strlen(office->parts[part])};
	assert_int_equal(write(fd, &piece, sizeof(piece)), sizeof(piece));
	assert_int_equal(write(fd, office->parts[part], piece.length), piece.length);
}

/* Everything, or what `kept` has not. */
static struct lq_office_draft *draft_of(
	const struct office *office, const struct lq_office_kept *kept)
{
	struct lq_office_draft *draft = NULL;
	int fd = memfd_create("roster", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	bool all = kept == NULL || lq_office_replaces_all(kept, &office->manifest);
	assert_true(fd >= 0);
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		bool wanted = all || !lq_office_part_same(&kept->manifest, &office->manifest, i);
		if (wanted && office->parts[i][0] != '\0') {
			put_piece(fd, office, i);
		}
	}
	assert_int_equal(fcntl(fd, F_ADD_SEALS, SEALS), 0);
	assert_int_equal(lq_office_draft_new(&office->manifest, fd, &draft), LQ_OK);
	return draft;
}

static int read_draft(struct lq_office_draft *draft)
{
	int r = 1;
	while (r == 1) {
		r = lq_office_draft_read(draft);
	}
	return r;
}

static int write_draft(struct bench *bench, struct lq_office_draft *draft)
{
	const struct lq_import_pace pace = {.rows = ROWS_A_STEP};
	const struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_APPLIED, bench_morning);
	int r = 1;
	lq_office_apply_begin(draft, &event);
	while (r == 1) {
		r = lq_office_apply_step(draft, bench->store, &pace);
	}
	if (r != LQ_OK) {
		lq_office_apply_abandon(draft, bench->store);
	}
	return r;
}

static int apply(struct bench *bench, const struct office *office, struct lq_roster **roster)
{
	struct lq_office_kept kept;
	assert_int_equal(lq_office_load(bench->store, &kept), LQ_OK);
	struct lq_office_draft *draft = draft_of(office, &kept);
	int r = read_draft(draft);
	if (r == LQ_OK) {
		r = write_draft(bench, draft);
	}
	if (r == LQ_OK && roster != NULL) {
		assert_int_equal(lq_office_exchange(draft, roster), LQ_OK);
	}
	lq_rule_tables_free(lq_office_take_tables(draft));
	lq_office_draft_free(draft);
	return r;
}

/* ---- what is there ---- */

/* Memory is what a start would read. */
static void assert_same(struct bench *bench, const struct lq_roster *roster)
{
	struct lq_roster *loaded = NULL;
	assert_int_equal(lq_roster_load(bench->store, &loaded), LQ_OK);
	assert_int_equal(lq_roster_count(loaded), lq_roster_count(roster));
	for (size_t i = 0; i < lq_roster_count(loaded); i++) {
		const struct lq_credential *one = lq_roster_at(loaded, i);
		const struct lq_credential *other = lq_roster_find(roster, one->key);
		assert_non_null(other);
		assert_int_equal(one->id, other->id);
		assert_int_equal(one->holder, other->holder);
		assert_int_equal(one->state, other->state);
		assert_int_equal(one->profile, other->profile);
		assert_int_equal(one->uses_left, other->uses_left);
		assert_int_equal(one->valid_to_s, other->valid_to_s);
		assert_int_equal(one->valid_for_h, other->valid_for_h);
		assert_int_equal(one->holder_enabled, other->holder_enabled);
	}
	lq_roster_free(loaded);
}

static const struct lq_credential *badge_in(const struct lq_roster *roster, uint32_t id)
{
	uint8_t key[16];
	key_of(id, key);
	return lq_roster_find(roster, key);
}

#define PLAIN "enabled\t0\t0\t-\t0\t0"

/* So many persons with a badge each, and rules. */
static struct office *furnish(uint32_t persons)
{
	struct office *office = make_office();
	say(office, 0,
		"hours\tfront\toffice\t1\n"
		"policy\talways\t*\t-\npolicy\tdays\tfront/entry\toffice\n"
		"policy\tdays\tnowhere/entry\t-\npolicy\tlost\t*\tunknown\n"
		"profile\talways\nprofile\tdays\n"
		"schedule\toffice\t480-1200\nschedule-special\toffice\tholidays\t0\tclosed\n"
		"special\tholidays\t0000-12-25\n");
	for (uint32_t i = 1; i <= persons; i++) {
		add_person(office, i, i % 2 == 0 ? "days" : "always");
		add_badge(office, i, i, PLAIN);
	}
	sign(office, 1000);
	return office;
}

/* ---- tests ---- */

static void a_local_roster_gives_way_to_the_offices(void **state)
{
	struct bench *bench = *state;
	const uint8_t uid[7] = {4, 1, 2, 3, 4, 5, 6};
	struct lq_roster *roster = NULL;
	struct lq_rule_tables *rules = NULL;
	struct lq_office_kept kept;
	struct lq_store_report report;
	(void)bench_enrol(bench, bench_add_member(bench, "Ada Example"), uid);
	bench_tamper(bench, "INSERT INTO presence (zone, member, since) VALUES ('space', 1, 5)");
	assert_int_equal(lq_roster_load(bench->store, &roster), LQ_OK);
	struct office *office = furnish(600);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	assert_int_equal(lq_roster_count(roster), 600);
	assert_same(bench, roster);
	assert_int_equal(lq_office_load(bench->store, &kept), LQ_OK);
	assert_true(kept.kept && kept.manifest.version == 1000);
	assert_int_equal(lq_office_difference(&kept.manifest, &office->manifest), 0);
	assert_int_equal(lq_rule_tables_load(bench->store, &rules), LQ_OK);
	uint16_t days = lq_rule_tables_profile(rules, "days");
	assert_int_equal(rules->profiles[days].policy_count, 1);
	assert_int_equal(rules->profiles[lq_rule_tables_profile(rules, "lost")].policy_count, 0);
	assert_true(rules->hours[0].schedule != 0 && rules->hours[0].first_person);
	assert_int_equal(rules->schedules[rules->hours[0].schedule].special_count, 1);
	lq_rule_tables_free(rules);
	bench_reopen(bench, &report);
	assert_string_equal(report.set_aside, "");
	assert_same(bench, roster);
	lq_roster_free(roster);
	free_office(office);
}

static void a_small_change_touches_what_differs(void **state)
{
	struct bench *bench = *state;
	struct lq_roster *roster = NULL;
	assert_int_equal(lq_roster_new(&roster), LQ_OK);
	struct office *office = furnish(600);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	/* 5 loses the badge; 261 goes; the badge of 517 goes to 6 */
	office->parts[lq_office_part_of(5)][0] = '\0';
	office->parts[lq_office_part_of(6)][0] = '\0';
	add_person(office, 5, "always");
	add_badge(office, 5, 5, "lost\t0\t0\t-\t0\t0");
	add_person(office, 517, "new");
	add_person(office, 6, "days");
	add_badge(office, 6, 6, PLAIN);
	add_badge(office, 6, 517, PLAIN);
	add_person(office, 262, "days");
	add_badge(office, 262, 262, PLAIN);
	add_person(office, 518, "days");
	add_badge(office, 518, 518, PLAIN);
	sign(office, 1001);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	assert_same(bench, roster);
	assert_int_equal(lq_roster_count(roster), 599);
	assert_int_equal(badge_in(roster, 5)->state, LQ_CREDENTIAL_LOST);
	assert_null(badge_in(roster, 261));
	assert_int_equal(badge_in(roster, 517)->holder, 6);
	lq_roster_free(roster);
	free_office(office);
}

static void spend(struct bench *bench, uint32_t id)
{
	struct lq_event event = lq_event_make(LQ_EVENT_ACCESS_GRANTED, bench_morning);
	event.door = 0;
	event.credential = id;
	event.spends = true;
	assert_int_equal(lq_store_append(bench->store, &event, 1, NULL), LQ_OK);
}

static void say_counted(struct office *office, const char *profile, const char *state, int uses)
{
	char rest[64];
	office->parts[lq_office_part_of(7)][0] = '\0';
	add_person(office, 7, profile);
	(void)snprintf(rest, sizeof(rest), "%s\t0\t0\t%d\t48\t0", state, uses);
	add_badge(office, 7, 7, rest);
}

static void what_was_spent_is_not_given_back(void **state)
{
	struct bench *bench = *state;
	struct lq_roster *roster = NULL;
	const uint32_t end_s = (uint32_t)(bench_morning.unix_ms / 1000) + 48 * 3600;
	assert_int_equal(lq_roster_new(&roster), LQ_OK);
	struct office *office = furnish(300);
	say_counted(office, "always", "enabled", 10);
	sign(office, 1001);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	assert_int_equal(badge_in(roster, 7)->uses_left, 10);
	spend(bench, 7);
	say_counted(office, "days", "suspended", 10); /* a small change, */
	sign(office, 1002);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	assert_int_equal(badge_in(roster, 7)->uses_left, 9);
	assert_int_equal(badge_in(roster, 7)->valid_to_s, end_s);
	assert_int_equal(badge_in(roster, 7)->state, LQ_CREDENTIAL_SUSPENDED);
	assert_same(bench, roster);
	for (uint32_t i = 1; i <= 300; i++) { /* … a large one, */
		if (i != 7) {
			add_badge(office, i, 1000 + i, PLAIN);
		}
	}
	sign(office, 1003);
	spend(bench, 7);
	/* Part 8 has a badge behind another's person now. */
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	assert_int_equal(badge_in(roster, 7)->uses_left, 8);
	assert_same(bench, roster);
	say_counted(office, "days", "enabled", 20); /* … and what the office gives */
	sign(office, 1004);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	assert_int_equal(badge_in(roster, 7)->uses_left, 20);
	assert_int_equal(badge_in(roster, 7)->valid_for_h, 48);
	assert_same(bench, roster);
	lq_roster_free(roster);
	free_office(office);
}

static void what_is_spent_meanwhile_is_spent(void **state)
{
	struct bench *bench = *state;
	struct lq_roster *roster = NULL;
	const struct lq_import_pace pace = {.rows = ROWS_A_STEP};
	const struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_APPLIED, bench_morning);
	assert_int_equal(lq_roster_new(&roster), LQ_OK);
	struct office *office = furnish(300);
	say_counted(office, "always", "enabled", 100);
	sign(office, 1001);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	for (uint32_t i = 1; i <= 300; i++) {
		add_badge(office, i, 1000 + i, PLAIN);
	}
	sign(office, 1002);
	struct lq_office_draft *draft = draft_of(office, NULL);
	assert_int_equal(read_draft(draft), LQ_OK);
	lq_office_apply_begin(draft, &event);
	unsigned spent = 0;
	int r = 1;
	for (unsigned step = 0; r == 1; step++) {
		r = lq_office_apply_step(draft, bench->store, &pace);
		if (r == 1 && step % 2 == 0 && spent < 15) {
			spend(bench, 7);
			spent++;
		}
	}
	assert_int_equal(r, LQ_OK);
	assert_in_range(spent, 3, 15);
	assert_int_equal(lq_office_exchange(draft, &roster), LQ_OK);
	assert_int_equal(badge_in(roster, 7)->uses_left, 100 - spent);
	assert_same(bench, roster);
	lq_office_draft_free(draft);
	lq_roster_free(roster);
	free_office(office);
}

static void what_cannot_be_changes_nothing(void **state)
{
	static const struct {
		const char *line;
		int expected;
	} wrong[] = {
		{"p\t9\talways\t1\t0\t0\n", LQ_ERR_INVALID}, /* twice */
		{"b\t5\t"
		 "000102030405060708090a0b0c0d0e0f\t" PLAIN "\n",
			LQ_ERR_EXISTS}, /* another's number */
		{"b\t900\t00000000000000000000000000000005\t" PLAIN "\n", LQ_ERR_EXISTS},
		{"b\t900\t00000000000000000000000000000009\t" PLAIN "\n", LQ_ERR_INVALID},
		{"b\t9\t000102030405060708090a0b0c0d0e0f\t" PLAIN "\n", LQ_ERR_INVALID},
		{"nonsense\n", LQ_ERR_INVALID},
	};
	struct bench *bench = *state;
	struct lq_roster *roster = NULL;
	struct lq_head before;
	struct lq_head after;
	assert_int_equal(lq_roster_new(&roster), LQ_OK);
	struct office *office = furnish(300);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	assert_int_equal(lq_store_head(bench->store, &before), LQ_OK);
	char *part = office->parts[lq_office_part_of(9)];
	size_t length = strlen(part);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(part + length, TEXT_SIZE - length, "%s", wrong[i].line);
		sign(office, 2000 + i);
		assert_int_equal(apply(bench, office, &roster), wrong[i].expected);
		assert_same(bench, roster);
		part[length] = '\0';
	}
	assert_int_equal(lq_store_head(bench->store, &after), LQ_OK);
	assert_int_equal(before.seq, after.seq);
	lq_roster_free(roster);
	free_office(office);
}

static void another_part_than_the_one_that_was_signed_is_damage(void **state)
{
	struct office *office = furnish(10);
	(void)state;
	office->parts[lq_office_part_of(5)][3]++;
	struct lq_office_draft *draft = draft_of(office, NULL);
	assert_int_equal(read_draft(draft), LQ_ERR_CORRUPT);
	lq_office_draft_free(draft);
	free_office(office);
}

/* What takes a right away holds in memory before anything is written. */
static void denials_hold_at_once(void **state)
{
	struct bench *bench = *state;
	struct lq_roster *roster = NULL;
	struct lq_rule_tables *rules = NULL;
	struct lq_office_kept kept;
	assert_int_equal(lq_roster_new(&roster), LQ_OK);
	struct office *office = furnish(300);
	assert_int_equal(apply(bench, office, &roster), LQ_OK);
	assert_int_equal(lq_office_load(bench->store, &kept), LQ_OK);
	assert_int_equal(lq_rule_tables_load(bench->store, &rules), LQ_OK);
	for (uint32_t i = 1; i <= 5; i++) {
		office->parts[lq_office_part_of(i)][0] = '\0';
	}
	add_person(office, 1, "always");
	add_badge(office, 1, 1, "stolen\t0\t0\t-\t0\t0");
	say(office, lq_office_part_of(2), "p\t2\tdays\t0\t0\t0\n");
	add_badge(office, 2, 2, PLAIN);
	add_person(office, 3, "unheard-of");
	add_badge(office, 3, 3, "enabled\t0\t9\t3\t0\t0");
	add_person(office, 4, "days");
	add_badge(office, 4, 4, PLAIN);
	add_badge(office, 4, 4000, PLAIN);
	sign(office, 1001);
	struct lq_office_draft *draft = draft_of(office, &kept);
	assert_int_equal(read_draft(draft), LQ_OK);
	lq_office_draft_deny(draft, &kept.manifest, false, rules, roster);
	assert_int_equal(badge_in(roster, 1)->state, LQ_CREDENTIAL_STOLEN);
	assert_false(badge_in(roster, 2)->holder_enabled);
	assert_int_equal(badge_in(roster, 3)->profile, 0);
	assert_int_equal(badge_in(roster, 3)->valid_to_s, 9);
	assert_int_equal(badge_in(roster, 3)->uses_left, 3);
	assert_int_equal(badge_in(roster, 4)->state, LQ_CREDENTIAL_ENABLED);
	assert_int_equal(badge_in(roster, 5)->state, LQ_CREDENTIAL_REVOKED);
	assert_int_equal(badge_in(roster, 6)->state, LQ_CREDENTIAL_ENABLED);
	assert_null(badge_in(roster, 4000));
	lq_office_draft_free(draft);
	lq_rule_tables_free(rules);
	lq_roster_free(roster);
	free_office(office);
}

/* ---- a program that dies ---- */

/* Two rosters in turns, by the large way and the small one. */
static struct office *make_turn(uint64_t version)
{
	struct office *office = furnish(120);
	for (uint32_t i = 1; i <= (version % 3 == 0 ? 120u : 3u); i++) {
		add_badge(office, i, (uint32_t)(1000 * version + i), PLAIN);
	}
	sign(office, version);
	return office;
}

/* Ends in the middle of applying a version, behind so many steps. */
static void live_for(struct bench *bench, uint64_t version, unsigned steps)
{
	struct lq_store_report report;
	const struct lq_import_pace pace = {.rows = 200};
	const struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_APPLIED, bench_morning);
	int r = lq_store_open(
		bench->folder, &bench->site, &bench->keys, bench_morning, &bench->store, &report);
	struct lq_office_draft *draft = draft_of(make_turn(version), NULL);
	if (r != LQ_OK || read_draft(draft) != LQ_OK) {
		_exit(1);
	}
	lq_office_apply_begin(draft, &event);
	r = 1;
	for (unsigned step = 0; step < steps && r == 1; step++) {
		r = lq_office_apply_step(draft, bench->store, &pace);
	}
	if (r < 0) {
		_exit(2);
	}
	(void)kill(getpid(), SIGKILL);
}

static void assert_one_version(struct bench *bench, uint64_t *version)
{
	struct lq_store_report report;
	struct lq_office_kept kept;
	struct lq_roster *roster = NULL;
	struct lq_verdict verdict;
	assert_int_equal(lq_store_open(bench->folder, &bench->site, &bench->keys, bench_morning,
				 &bench->store, &report),
		LQ_OK);
	assert_string_equal(report.set_aside, "");
	assert_int_equal(lq_office_load(bench->store, &kept), LQ_OK);
	assert_true(kept.manifest.version >= *version);
	assert_int_equal(lq_roster_load(bench->store, &roster), LQ_OK);
	if (kept.kept) {
		struct office *office = make_turn(kept.manifest.version);
		assert_int_equal(lq_office_difference(&kept.manifest, &office->manifest), 0);
		assert_int_equal(
			lq_roster_count(roster), kept.manifest.version % 3 == 0 ? 240 : 123);
		assert_non_null(badge_in(roster, (uint32_t)(1000 * kept.manifest.version + 1)));
		free_office(office);
	}
	assert_int_equal(bench_verify(bench, &verdict), LQ_OK);
	*version = kept.manifest.version;
	lq_roster_free(roster);
	lq_store_close(bench->store);
	bench->store = NULL;
}

static void a_kill_leaves_one_version_whole(void **state)
{
	struct bench *bench = *state;
	uint64_t version = 0;
	unsigned kills = 0;
	lq_store_close(bench->store);
	bench->store = NULL;
	bench->keys.made = true;
	for (uint64_t wanted = 1; wanted <= 2; wanted++) {
		for (unsigned steps = 1; version < wanted; steps += 1 + steps / 4) {
			int status = 0;
			pid_t child = fork();
			assert_true(child >= 0);
			if (child == 0) {
				live_for(bench, wanted, steps);
			}
			assert_int_equal(waitpid(child, &status, 0), child);
			assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
			assert_one_version(bench, &version);
			kills++;
		}
	}
	assert_true(kills > 6);
}

/* Any versions, applied or given up at any step, in any order of restarts: the newest stands. */
static void any_way_ends_in_the_newest(void **state)
{
	struct bench *bench = *state;
	struct lq_random random = lq_random_begin("office order");
	struct lq_roster *roster = NULL;
	struct lq_store_report report;
	uint64_t newest = 0;
	assert_int_equal(lq_roster_new(&roster), LQ_OK);
	for (int i = 0; i < 20; i++) {
		uint64_t version = 1 + lq_random_below(&random, 12);
		unsigned steps = lq_random_below(&random, 4) == 0 ? lq_random_below(&random, 20)
								  : UINT32_MAX;
		const struct lq_import_pace pace = {.rows = 20 + lq_random_below(&random, 100)};
		const struct lq_event event = lq_event_make(LQ_EVENT_ROSTER_APPLIED, bench_morning);
		struct office *office = make_turn(version);
		struct lq_office_draft *draft = draft_of(office, NULL);
		assert_int_equal(read_draft(draft), LQ_OK);
		lq_office_apply_begin(draft, &event);
		int r = 1;
		for (unsigned step = 0; step < steps && r == 1; step++) {
			r = lq_office_apply_step(draft, bench->store, &pace);
		}
		struct lq_event applied;
		uint64_t seq = 0;
		if (lq_office_applied_event(draft, &applied, &seq)) {
			assert_true(version >= newest);
			newest = version;
			assert_int_equal(lq_office_exchange(draft, &roster), LQ_OK);
		} else {
			assert_true(r == 1 || version < newest);
			lq_office_apply_abandon(draft, bench->store);
		}
		if (lq_random_below(&random, 4) == 0) {
			bench_reopen(bench, &report);
		}
		assert_same(bench, roster);
		lq_office_draft_free(draft);
		free_office(office);
	}
	assert_true(newest > 5);
	lq_roster_free(roster);
}

static void a_roster_of_its_own_again(void **state)
{
	struct bench *bench = *state;
	struct lq_office_kept kept;
	struct office *office = furnish(20);
	assert_int_equal(apply(bench, office, NULL), LQ_OK);
	assert_int_equal(lq_office_renew(bench->store, 1000, 1789000900), LQ_OK);
	assert_int_equal(lq_office_release(bench->store), LQ_OK);
	assert_int_equal(lq_office_load(bench->store, &kept), LQ_OK);
	assert_false(kept.kept);
	assert_int_equal(kept.manifest.version, 1000);
	assert_int_equal(kept.manifest.iat_s, 1789000900);
	assert_true(lq_office_replaces_all(&kept, &office->manifest));
	free_office(office);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_local_roster_gives_way_to_the_offices),
		TEST(a_small_change_touches_what_differs),
		TEST(what_was_spent_is_not_given_back),
		TEST(what_is_spent_meanwhile_is_spent),
		TEST(what_cannot_be_changes_nothing),
		TEST(another_part_than_the_one_that_was_signed_is_damage),
		TEST(denials_hold_at_once),
		TEST(a_kill_leaves_one_version_whole),
		TEST(any_way_ends_in_the_newest),
		TEST(a_roster_of_its_own_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
