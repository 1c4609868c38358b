#include "firmware/core/err.h"
#include "firmware/wire/control_wire.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/roster_view.h"
#include "host/cli/table.h"
#include "host/cli/words.h"

#include <string.h>

static int unknown_door(const struct lq_cli *cli, const char *door)
{
	char list[LQ_DOORS_MAX * (LQ_NAME_SIZE + 2)] = "";
	size_t length = 0;
	for (uint16_t i = 0; i < cli->config.door_count; i++) {
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
			i == 0 ? "" : ", ", cli->config.doors[i].name);
	}
	return lq_fail(cli, LQ_EXIT_REFUSED, "not_found",
		lq_tr(cli, "there is no door '%s' in %s; there are: %s",
			"il n’y a pas de porte « %s » dans %s ; il y a : %s"),
		door, cli->config_path, list);
}

static bool door_exists(const struct lq_config *config, const char *name)
{
	for (uint16_t i = 0; i < config->door_count; i++) {
		if (strcmp(config->doors[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static int need_door(const struct lq_cli *cli)
{
	int r = lq_cli_need_config(cli);
	if (r == LQ_EXIT_OK && !door_exists(&cli->config, cli->line.operands[0])) {
		return unknown_door(cli, cli->line.operands[0]);
	}
	return r;
}

static int order(const struct lq_cli *cli, json_t *request, const char *done)
{
	return lq_control_do(cli, request, lq_tr(cli, ":", " :"), done);
}

int lq_run_open(const struct lq_cli *cli)
{
	int r = need_door(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	json_t *request = json_pack("{s:s, s:s}", "do", "door.open", "door", cli->line.operands[0]);
	if (lq_option_given(&cli->line, "extended")) {
		(void)json_object_set_new(request, "extended", json_true());
	}
	return order(cli, request, lq_tr(cli, "released", "déverrouillée"));
}

int lq_unknown_mode(const struct lq_cli *cli, const char *word)
{
	return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
		lq_tr(cli, "'%s' is no mode: Locked, Unlocked, Blocked, LockedDown or LockedOpen",
			"« %s » n’est pas un mode : Locked, Unlocked, Blocked, LockedDown ou "
			"LockedOpen"),
		word);
}

int lq_run_door_mode(const struct lq_cli *cli)
{
	const char *mode = lq_word_mode(cli->line.operands[1]);
	if (mode == NULL) {
		return lq_unknown_mode(cli, cli->line.operands[1]);
	}
	int r = need_door(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	return order(cli,
		json_pack("{s:s, s:s, s:s}", "do", "door.mode", "door", cli->line.operands[0],
			"mode", mode),
		mode);
}

struct hours_listing {
	const struct lq_cli *cli;
	struct lq_table table;
};

static int list_hours(void *ctx, const char *door, const char *schedule, bool first_person)
{
	struct hours_listing *listing = ctx;
	if (listing->cli->line.json) {
		return lq_print_json(listing->cli,
			json_pack("{s:o, s:o, s:b}", "door", lq_json_foreign(door), "schedule",
				lq_json_foreign(schedule), "first_person", (int)first_person));
	}
	lq_table_add(&listing->table, door);
	lq_table_add(&listing->table, schedule);
	lq_table_add(&listing->table, first_person ? lq_tr(listing->cli, "from the first member on",
							     "dès le premier membre")
						   : "-");
	return LQ_EXIT_OK;
}

static int print_hours(const struct lq_cli *cli)
{
	struct lq_store *store = NULL;
	int r = lq_view_open(cli, &store);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	struct hours_listing listing = {.cli = cli, .table = {.columns = 3}};
	lq_table_add(&listing.table, lq_tr(cli, "DOOR", "PORTE"));
	lq_table_add(&listing.table, lq_tr(cli, "UNLOCKED DURING", "DÉVERROUILLÉE PENDANT"));
	lq_table_add(&listing.table, lq_tr(cli, "FROM", "À PARTIR DE"));
	r = lq_door_hours_list(store, list_hours, &listing);
	return lq_view_end_list(cli, store, &listing.table, r);
}

int lq_run_door_hours(const struct lq_cli *cli)
{
	const char *schedule = cli->line.operands[1];
	if (cli->line.operand_count == 0) {
		return print_hours(cli);
	}
	if (cli->line.operand_count == 1 || !lq_word_is_name(schedule)) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage", "%s",
			lq_tr(cli, "a schedule is missing behind the door; none ends its hours",
				"il manque un horaire après la porte ; none met fin au sien"));
	}
	int r = need_door(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	json_t *request =
		json_pack("{s:s, s:s}", "do", "door.hours", "door", cli->line.operands[0]);
	bool none = strcmp(schedule, "none") == 0;
	(void)json_object_set_new(request, "schedule", none ? json_null() : json_string(schedule));
	if (lq_option_given(&cli->line, "first-person")) {
		(void)json_object_set_new(request, "first_person", json_true());
	}
	return order(cli, request,
		none ? lq_tr(cli, "has no hours any more", "n’a plus d’horaire")
		     : lq_tr(cli, "has its hours", "a son horaire"));
}

int lq_run_door_prop(const struct lq_cli *cli)
{
	uint64_t minutes = 0;
	if (lq_word_number(cli->line.operands[1], 0, LQ_PROP_MINUTES_MAX, &minutes) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "'%s' is no number of minutes from 0 to %d",
				"« %s » n’est pas un nombre de minutes de 0 à %d"),
			cli->line.operands[1], LQ_PROP_MINUTES_MAX);
	}
	int r = need_door(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	return order(cli,
		json_pack("{s:s, s:s, s:I}", "do", "door.prop", "door", cli->line.operands[0],
			"minutes", (json_int_t)minutes),
		minutes == 0 ? lq_tr(cli, "no longer propped", "plus calée")
			     : lq_tr(cli, "may stand open", "peut rester ouverte"));
}

int lq_run_door_fire_confirm(const struct lq_cli *cli)
{
	int r = need_door(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	return order(cli,
		json_pack("{s:s, s:s}", "do", "door.fire_confirm", "door", cli->line.operands[0]),
		lq_tr(cli, "the end of the fire is confirmed", "fin d’incendie confirmée"));
}
