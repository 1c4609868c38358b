#include "host/cli/badge_view.h"

#include "firmware/core/err.h"
#include "host/cli/roster_view.h"
#include "host/cli/table.h"
#include "host/cli/when.h"

#include <inttypes.h>
#include <time.h>

static bool is_bound(uint32_t unix_s)
{
	return unix_s != 0 && unix_s != LQ_VALID_FOREVER;
}

static json_t *bound_json(uint32_t unix_s)
{
	char text[LQ_RFC3339_SIZE];
	if (!is_bound(unix_s)) {
		return json_null();
	}
	lq_wall_rfc3339((int64_t)unix_s * 1000, text);
	return json_string(text);
}

/* door.db is data from outside: its number may be none of ours. */
static const char *state_name(enum lq_credential_state state)
{
	return state < LQ_CREDENTIAL_STATE_COUNT ? lq_credential_state_text(state) : "unknown";
}

static struct lq_wall present(void)
{
	return (struct lq_wall){.unix_ms = (int64_t)time(NULL) * 1000};
}

static bool is_expired(const struct lq_badge *badge, struct lq_wall now)
{
	bool over = badge->valid_to_s != LQ_VALID_FOREVER &&
		    now.unix_ms >= (int64_t)badge->valid_to_s * 1000;
	return over || (badge->counted && badge->uses_left == 0);
}

static int collect_json(void *ctx, const struct lq_badge *badge)
{
	json_t *badges = ctx;
	return json_array_append_new(badges,
		json_pack("{s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:b}", "badge",
			(json_int_t)badge->id, "member", (json_int_t)badge->holder, "state",
			state_name(badge->state), "valid_from", bound_json(badge->valid_from_s),
			"valid_to", bound_json(badge->valid_to_s), "uses_left",
			badge->counted ? json_integer(badge->uses_left) : json_null(),
			"valid_for_h",
			badge->valid_for_h != 0 ? json_integer(badge->valid_for_h) : json_null(),
			"suspended_until", bound_json(badge->suspended_until_s), "expired",
			(int)is_expired(badge, present())));
}

int lq_badges_json(
	const struct lq_cli *cli, struct lq_store *store, uint32_t member, json_t **ret_badges)
{
	json_t *badges = json_array();
	int r = lq_badge_list(store, member, collect_json, badges);
	if (r != LQ_OK) {
		json_decref(badges);
		return lq_view_fail(cli, store, r);
	}
	*ret_badges = badges;
	return LQ_EXIT_OK;
}

struct listing {
	const struct lq_cli *cli;
	struct lq_store *store;
	struct lq_table table;
};

const char *lq_badge_state_text(const struct lq_cli *cli, enum lq_credential_state state)
{
	switch (state) {
	case LQ_CREDENTIAL_ENABLED:
		return lq_tr(cli, "enabled", "actif");
	case LQ_CREDENTIAL_REVOKED:
		return lq_tr(cli, "revoked", "révoqué");
	case LQ_CREDENTIAL_LOST:
		return lq_tr(cli, "lost", "perdu");
	case LQ_CREDENTIAL_SUSPENDED:
		return lq_tr(cli, "suspended", "suspendu");
	case LQ_CREDENTIAL_STOLEN:
		return lq_tr(cli, "stolen", "volé");
	case LQ_CREDENTIAL_RETURNED:
		return lq_tr(cli, "returned", "rendu");
	case LQ_CREDENTIAL_DAMAGED:
		return lq_tr(cli, "damaged", "abîmé");
	case LQ_CREDENTIAL_STATE_COUNT:
		break;
	}
	return lq_tr(cli, "unknown", "inconnu");
}

/* What an operator wants to know first: why it opens nothing, if so. */
static const char *shown_state(const struct lq_cli *cli, const struct lq_badge *badge)
{
	struct lq_wall now = present();
	enum lq_credential_state state =
		lq_credential_state_at(badge->state, badge->suspended_until_s, now, true);
	if (state == LQ_CREDENTIAL_ENABLED && is_expired(badge, now)) {
		return lq_tr(cli, "expired", "expiré");
	}
	return lq_badge_state_text(cli, state);
}

static void add_uses(struct lq_table *table, const struct lq_badge *badge)
{
	if (badge->counted) {
		lq_table_addf(table, "%u", badge->uses_left);
	} else {
		lq_table_add(table, "-");
	}
}

static void add_bound(struct lq_table *table, uint32_t unix_s)
{
	char text[LQ_WHEN_SIZE] = "-";
	if (is_bound(unix_s)) {
		lq_when_format((int64_t)unix_s * 1000, LQ_WHEN_MINUTES, text);
	}
	lq_table_add(table, text);
}

/* The end of the validity, or how long that will be from the first tap on. */
static void add_end(const struct lq_cli *cli, struct lq_table *table, const struct lq_badge *badge)
{
	if (badge->valid_for_h == 0) {
		add_bound(table, badge->valid_to_s);
		return;
	}
	lq_table_addf(table, lq_tr(cli, "%u h from the first tap", "%u h dès le premier passage"),
		badge->valid_for_h);
}

static int add_row(void *ctx, const struct lq_badge *badge)
{
	struct listing *listing = ctx;
	struct lq_table *table = &listing->table;
	char name[LQ_MEMBER_NAME_SIZE];
	lq_view_member_name(listing->store, badge->holder, name);
	lq_table_addf(table, "c%" PRIu32, badge->id);
	lq_table_addf(table, "%c%" PRIu32, lq_view_letter(listing->store), badge->holder);
	lq_table_add(table, name);
	lq_table_add(table, shown_state(listing->cli, badge));
	add_bound(table, badge->valid_from_s);
	add_end(listing->cli, table, badge);
	add_uses(table, badge);
	return 0;
}

int lq_badges_print(const struct lq_cli *cli, struct lq_store *store, uint32_t member)
{
	struct listing listing = {.cli = cli, .store = store, .table = {.columns = 7}};
	lq_table_add(&listing.table, "BADGE");
	lq_table_add(&listing.table, lq_tr(cli, "MEMBER", "MEMBRE"));
	lq_table_add(&listing.table, lq_tr(cli, "NAME", "NOM"));
	lq_table_add(&listing.table, lq_tr(cli, "STATE", "ÉTAT"));
	lq_table_add(&listing.table, lq_tr(cli, "VALID FROM", "VALABLE DÈS"));
	lq_table_add(&listing.table, lq_tr(cli, "UNTIL", "JUSQU’À"));
	lq_table_add(&listing.table, lq_tr(cli, "USES", "OUVERTURES"));
	int r = lq_badge_list(store, member, add_row, &listing);
	if (r == LQ_OK) {
		lq_table_print(&listing.table, "", stdout);
	} else {
		r = lq_view_fail(cli, store, r);
	}
	lq_table_free(&listing.table);
	return r;
}
