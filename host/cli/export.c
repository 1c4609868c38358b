/* The roster for spreadsheets and other systems. No UID is in it, nor could it be: door.db holds
 * only keyed hashes of them. */
#include "firmware/core/err.h"
#include "host/cli/commands.h"
#include "host/cli/csv.h"
#include "host/cli/roster_view.h"

#include <inttypes.h>

#define COLUMNS_MAX 8u
#define ID_SIZE     sizeof("m4294967295")

struct table {
	const struct lq_cli *cli;
	const char *const *columns;
	size_t count;
};

static int put_row(const struct table *table, const char *const fields[COLUMNS_MAX])
{
	if (!table->cli->line.json) {
		lq_csv_row(stdout, fields, table->count);
		return LQ_EXIT_OK;
	}
	json_t *row = json_object();
	for (size_t i = 0; i < table->count; i++) {
		(void)json_object_set_new(row, table->columns[i], lq_json_foreign(fields[i]));
	}
	return lq_print_json(table->cli, row);
}

static int put_member(void *ctx, const struct lq_member *member)
{
	char id[ID_SIZE];
	(void)snprintf(id, sizeof(id), "m%" PRIu32, member->id);
	const char *const fields[COLUMNS_MAX] = {id, member->name, member->profile,
		member->enabled ? "yes" : "no", member->rights.any_time ? "yes" : "no",
		member->rights.extended_time ? "yes" : "no"};
	return put_row(ctx, fields);
}

/* Empty where there is no bound. */
static void bound_text(uint32_t unix_s, char ret_text[LQ_RFC3339_SIZE])
{
	ret_text[0] = '\0';
	if (unix_s != 0 && unix_s != LQ_VALID_FOREVER) {
		lq_wall_rfc3339((int64_t)unix_s * 1000, ret_text);
	}
}

#define NUMBER_SIZE sizeof("65535")

/* Empty where there is none. */
static void number_text(bool given, uint16_t number, char ret_text[NUMBER_SIZE])
{
	ret_text[0] = '\0';
	if (given) {
		(void)snprintf(ret_text, NUMBER_SIZE, "%u", number);
	}
}

static int put_badge(void *ctx, const struct lq_badge *badge)
{
	char id[ID_SIZE];
	char member[ID_SIZE];
	char from[LQ_RFC3339_SIZE];
	char to[LQ_RFC3339_SIZE];
	char until[LQ_RFC3339_SIZE];
	char uses[NUMBER_SIZE];
	char hours[NUMBER_SIZE];
	(void)snprintf(id, sizeof(id), "c%" PRIu32, badge->id);
	(void)snprintf(member, sizeof(member), "m%" PRIu32, badge->holder);
	bound_text(badge->valid_from_s, from);
	bound_text(badge->valid_to_s, to);
	bound_text(badge->suspended_until_s, until);
	number_text(badge->counted, badge->uses_left, uses);
	number_text(badge->valid_for_h != 0, badge->valid_for_h, hours);
	const char *const fields[COLUMNS_MAX] = {
		id, member, lq_credential_state_text(badge->state), from, to, uses, hours, until};
	return put_row(ctx, fields);
}

static int begin(const struct table *table, struct lq_store **ret_store)
{
	int r = lq_view_open(table->cli, ret_store);
	if (r == LQ_EXIT_OK && !table->cli->line.json) {
		lq_csv_row(stdout, table->columns, table->count);
	}
	return r;
}

static int finish(const struct table *table, struct lq_store *store, int r)
{
	r = r < 0 ? lq_view_fail(table->cli, store, r) : r;
	lq_store_close(store);
	return r;
}

int lq_run_export_members(const struct lq_cli *cli)
{
	static const char *const columns[] = {
		"member", "name", "profile", "enabled", "any_time", "extended_time"};
	struct table table = {
		.cli = cli, .columns = columns, .count = sizeof(columns) / sizeof(columns[0])};
	struct lq_store *store = NULL;
	int r = begin(&table, &store);
	return r == LQ_EXIT_OK ? finish(&table, store, lq_member_list(store, put_member, &table))
			       : r;
}

int lq_run_export_badges(const struct lq_cli *cli)
{
	static const char *const columns[] = {"badge", "member", "state", "valid_from", "valid_to",
		"uses_left", "valid_for_h", "suspended_until"};
	struct table table = {
		.cli = cli, .columns = columns, .count = sizeof(columns) / sizeof(columns[0])};
	struct lq_store *store = NULL;
	int r = begin(&table, &store);
	return r == LQ_EXIT_OK ? finish(&table, store, lq_badge_list(store, 0, put_badge, &table))
			       : r;
}
