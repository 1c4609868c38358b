/* The phases of writing the office's roster. Each function does a short piece of its phase. */
#include "firmware/store/office_apply.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/office_internal.h"

#include <stdlib.h>
#include <string.h>

#define LOG_PAGES 250 /* of the write-ahead log, before they are copied into the file */

bool lq_office_replaces_all(
	const struct lq_office_kept *kept, const struct lq_office_manifest *wanted)
{
	return !kept->kept || lq_office_difference(&kept->manifest, wanted) > LQ_OFFICE_FEW;
}

void lq_office_apply_begin(struct lq_office_draft *draft, const struct lq_event *event)
{
	draft->event = *event;
	draft->phase = LQ_OFFICE_PREPARE;
	draft->seq = 0;
}

/* ---- what is to be done ---- */

static int compare_persons(const void *one, const void *other)
{
	const struct lq_office_person *left = one;
	const struct lq_office_person *right = other;
	return left->number < right->number ? -1 : left->number > right->number;
}

static int compare_badges(const void *one, const void *other, void *ctx)
{
	const struct lq_roster *roster = ctx;
	uint32_t left = lq_roster_at(roster, *(const uint32_t *)one)->id;
	uint32_t right = lq_roster_at(roster, *(const uint32_t *)other)->id;
	return left < right ? -1 : left > right;
}

/* No person twice, no badge twice. */
static int put_in_order(struct lq_office_draft *draft)
{
	size_t badges = lq_roster_count(draft->roster);
	if (draft->person_count > 0) {
		qsort(draft->persons, draft->person_count, sizeof(*draft->persons),
			compare_persons);
	}
	for (uint32_t i = 1; i < draft->person_count; i++) {
		if (draft->persons[i].number == draft->persons[i - 1].number) {
			return LQ_ERR_INVALID;
		}
	}
	for (size_t i = 0; i < badges; i++) {
		draft->order[i] = (uint32_t)i;
	}
	qsort_r(draft->order, badges, sizeof(*draft->order), compare_badges, draft->roster);
	for (size_t i = 1; i < badges; i++) {
		if (compare_badges(&draft->order[i - 1], &draft->order[i], draft->roster) == 0) {
			return LQ_ERR_INVALID;
		}
	}
	return LQ_OK;
}

static bool covers_all(const struct lq_office_draft *draft)
{
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		bool same = lq_office_part_same(&draft->manifest, &draft->before.manifest, i);
		if (!lq_office_draft_covers(draft, i) && (draft->whole || !same)) {
			return false;
		}
	}
	return true;
}

static int prepare(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)pace;
	int r = lq_office_load(store, &draft->before);
	if (r != LQ_OK) {
		return r;
	}
	draft->first = !draft->before.kept;
	draft->whole = lq_office_replaces_all(&draft->before, &draft->manifest);
	if (draft->manifest.version < draft->before.manifest.version || !covers_all(draft)) {
		return LQ_ERR_NOT_FOUND;
	}
	free(draft->order);
	lq_roster_free(draft->fresh);
	draft->fresh = NULL;
	draft->order = calloc(lq_roster_count(draft->roster) + 1, sizeof(*draft->order));
	r = draft->order == NULL ? LQ_ERR_NO_MEMORY : lq_roster_new(&draft->fresh);
	if (r == LQ_OK) {
		r = lq_roster_reserve(draft->fresh, lq_roster_count(draft->roster));
	}
	if (r == LQ_OK) {
		r = put_in_order(draft);
	}
	return r == LQ_OK ? lq_office_number_profiles(draft, store) : r;
}

/* ---- together with the event ---- */

static int64_t count_rows(struct lq_store *store, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t count = 0;
	if (lq_store_prepare(store, sql, &statement) == LQ_OK &&
		lq_store_step(store, statement) == 1) {
		count = sqlite3_column_int64(statement, 0);
	}
	(void)sqlite3_finalize(statement);
	return count;
}

static bool rules_differ(const struct lq_office_draft *draft)
{
	return draft->first ||
	       !lq_office_part_same(&draft->manifest, &draft->before.manifest, LQ_OFFICE_RULES);
}

/* Everything but persons and badges, behind them. */
static int put_rest(struct lq_office_draft *draft, struct lq_store *store)
{
	int r = rules_differ(draft) ? lq_office_put_rules(draft, store) : LQ_OK;
	if (r == LQ_OK && draft->first) {
		r = lq_store_execute(store, "DELETE FROM presence; DELETE FROM presence_frozen");
	}
	return r == LQ_OK ? lq_office_put(store, &draft->manifest) : r;
}

/* The event may not be older than what was journalled meanwhile. */
static void fill_event(struct lq_office_draft *draft, struct lq_store *store)
{
	struct lq_event *event = &draft->event;
	event->version = draft->manifest.version;
	event->count = lq_office_difference(&draft->manifest, &draft->before.manifest);
	event->persons = (uint32_t)count_rows(store, "SELECT count(*) FROM member");
	event->badges = (uint32_t)count_rows(store, "SELECT count(*) FROM credential");
	event->at.unix_ms =
		event->at.unix_ms < store->head.unix_ms ? store->head.unix_ms : event->at.unix_ms;
}

static int end_with_event(struct lq_office_draft *draft, struct lq_store *store, int r)
{
	uint64_t seq = store->head.seq + 1;
	if (r == LQ_OK) {
		fill_event(draft, store);
	}
	r = lq_store_end_with(store, r, &draft->event);
	draft->seq = r == LQ_OK ? seq : 0;
	return r;
}

/* What cannot be read afterwards is read at the next start. */
static int load_rules(struct lq_office_draft *draft, struct lq_store *store)
{
	return rules_differ(draft) ? lq_rule_tables_load(store, &draft->tables) : LQ_OK;
}

/* ---- few parts ---- */

static int change(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)pace;
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_office_put_profiles(draft, store);
	if (r == LQ_OK) {
		r = lq_office_change_rows(draft, store);
	}
	if (r == LQ_OK) {
		r = put_rest(draft, store);
	}
	r = end_with_event(draft, store, r);
	return r == LQ_OK ? load_rules(draft, store) : r;
}

/* ---- everything ---- */

static int make(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)pace;
	int r = lq_import_sweep(store);
	if (r == LQ_OK) {
		r = lq_beside_make(store, "member", false);
	}
	if (r == LQ_OK) {
		r = lq_beside_make(store, "credential", true);
	}
	store->spent = (struct lq_spent){.watched = r == LQ_OK};
	draft->next = 0;
	draft->index = (struct lq_beside_index){0};
	return r;
}

static int write_some(struct lq_office_draft *draft, struct lq_office_writing *writing,
	uint32_t rows, bool badges)
{
	uint32_t count = badges ? (uint32_t)lq_roster_count(draft->roster) : draft->person_count;
	int r = LQ_OK;
	for (uint32_t i = 0; i < rows && draft->next < count && r == LQ_OK; i++) {
		uint32_t at = draft->next++;
		r = badges ? lq_office_write_badge(
				     writing, draft, lq_roster_at(draft->roster, draft->order[at]))
			   : lq_office_write_person(writing, draft, &draft->persons[at]);
	}
	return r != LQ_OK ? r : draft->next < count;
}

static int write_rows(struct lq_office_draft *draft, struct lq_store *store,
	const struct lq_import_pace *pace, bool badges)
{
	struct lq_office_writing writing;
	int r = lq_beside_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_office_writing_begin(store, true, &writing);
	if (r == LQ_OK) {
		r = write_some(draft, &writing, pace->rows, badges);
	}
	lq_office_writing_end(&writing);
	return lq_beside_end(store, r);
}

static int write_members(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	return write_rows(draft, store, pace, false);
}

static int write_badges(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	return write_rows(draft, store, pace, true);
}

static int index_members(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	return lq_beside_index(store, "member", &draft->index, pace);
}

/* The tables before this one had the key's index in their own definition. */
static int index_badges(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	if (draft->index.tries == 0 &&
		count_rows(store, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND "
				  "tbl_name = 'credential' AND name LIKE 'credential_key%'") == 0) {
		draft->index.extra = "CREATE UNIQUE INDEX credential_key ON credential_next (key)";
	}
	return lq_beside_index(store, "credential", &draft->index, pace);
}

/* What was spent meanwhile is in both tables; memory has to learn of it. */
static int take_spent(struct lq_office_draft *draft, struct lq_store *store)
{
	int r = LQ_OK;
	for (uint32_t i = 0; i < store->spent.count && r == LQ_OK; i++) {
		struct lq_credential credential;
		r = lq_credential_load(store, store->spent.badges[i], &credential);
		if (r == LQ_OK) {
			r = lq_roster_put(draft->fresh, &credential);
		}
		r = r == LQ_ERR_NOT_FOUND ? LQ_OK : r;
	}
	return r;
}

/* The one moment at which the roster changes. */
static int trade(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)pace;
	if (store->spent.overrun) {
		return LQ_ERR_BUSY;
	}
	int r = lq_beside_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_store_execute(store, "ALTER TABLE member RENAME TO member_old;"
				    "ALTER TABLE member_next RENAME TO member;"
				    "ALTER TABLE credential RENAME TO credential_old;"
				    "ALTER TABLE credential_next RENAME TO credential");
	if (r == LQ_OK) {
		r = lq_office_put_profiles(draft, store);
	}
	if (r == LQ_OK) {
		r = put_rest(draft, store);
	}
	if (r == LQ_OK) {
		r = take_spent(draft, store);
	}
	r = end_with_event(draft, store, r);
	store->spent.watched = r != LQ_OK;
	int restored = lq_beside_restore(store, LQ_OK);
	if (r == LQ_OK && restored != LQ_OK) {
		return LQ_ERR_CLOSED;
	}
	return r == LQ_OK ? load_rules(draft, store) : r;
}

static int drop(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	(void)draft;
	(void)pace;
	(void)lq_import_sweep(store); /* or the next opening does it */
	return LQ_OK;
}

/* ---- one phase after the other ---- */

static enum lq_office_phase next_phase(const struct lq_office_draft *draft)
{
	if (draft->phase == LQ_OFFICE_PREPARE) {
		return draft->whole ? LQ_OFFICE_MAKE : LQ_OFFICE_CHANGE;
	}
	return draft->phase == LQ_OFFICE_CHANGE ? LQ_OFFICE_END
						: (enum lq_office_phase)(draft->phase + 1);
}

int lq_office_apply_step(
	struct lq_office_draft *draft, struct lq_store *store, const struct lq_import_pace *pace)
{
	static int (*const phases[])(
		struct lq_office_draft *, struct lq_store *, const struct lq_import_pace *) = {
		[LQ_OFFICE_PREPARE] = prepare,
		[LQ_OFFICE_CHANGE] = change,
		[LQ_OFFICE_MAKE] = make,
		[LQ_OFFICE_MEMBERS] = write_members,
		[LQ_OFFICE_BADGES] = write_badges,
		[LQ_OFFICE_INDEX_MEMBERS] = index_members,
		[LQ_OFFICE_INDEX_BADGES] = index_badges,
		[LQ_OFFICE_TRADE] = trade,
		[LQ_OFFICE_DROP] = drop,
	};
	LQ_ASSERT(draft->phase < LQ_OFFICE_END && pace->rows > 0);
	if (store->log_pages >= LOG_PAGES) {
		lq_store_tidy(store);
		return 1;
	}
	int r = phases[draft->phase](draft, store, pace);
	if (r != LQ_OK) {
		return r;
	}
	draft->next = 0;
	draft->index = (struct lq_beside_index){0};
	draft->phase = next_phase(draft);
	return draft->phase != LQ_OFFICE_END;
}

void lq_office_apply_abandon(struct lq_office_draft *draft, struct lq_store *store)
{
	store->spent.watched = false;
	if (draft->phase > LQ_OFFICE_CHANGE) {
		(void)lq_import_sweep(store);
	}
}

/* ---- when it was written ---- */

bool lq_office_applied_event(
	const struct lq_office_draft *draft, struct lq_event *ret_event, uint64_t *ret_seq)
{
	if (draft->seq != 0) {
		*ret_event = draft->event;
		*ret_seq = draft->seq;
	}
	return draft->seq != 0;
}

bool lq_office_applied_first(const struct lq_office_draft *draft)
{
	return draft->first;
}

struct lq_rule_tables *lq_office_take_tables(struct lq_office_draft *draft)
{
	struct lq_rule_tables *tables = draft->tables;
	draft->tables = NULL;
	return tables;
}

/* The last one takes the place of the one that goes, so that the walk is backwards. */
static void remove_gone(struct lq_office_draft *draft, struct lq_roster *roster)
{
	for (size_t i = lq_roster_count(roster); i > 0; i--) {
		const struct lq_credential *credential = lq_roster_at(roster, i - 1);
		uint16_t part = lq_office_part_of(credential->holder);
		bool concerned = draft->has[part] || !lq_office_part_same(&draft->manifest,
							     &draft->before.manifest, part);
		if (concerned && lq_roster_find(draft->fresh, credential->key) == NULL) {
			uint8_t key[16];
			memcpy(key, credential->key, sizeof(key));
			lq_roster_remove(roster, key);
		}
	}
}

int lq_office_exchange(struct lq_office_draft *draft, struct lq_roster **roster)
{
	if (draft->whole) {
		lq_roster_free(*roster);
		*roster = draft->fresh;
		draft->fresh = NULL;
		return LQ_OK;
	}
	remove_gone(draft, *roster);
	int r = LQ_OK;
	for (size_t i = 0; i < lq_roster_count(draft->fresh) && r == LQ_OK; i++) {
		r = lq_roster_put(*roster, lq_roster_at(draft->fresh, i));
	}
	return r;
}
