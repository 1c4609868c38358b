/* Special days: dates in named groups, on which schedules may have other hours. */
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/roster_view.h"
#include "host/cli/schedule_text.h"
#include "host/cli/table.h"
#include "host/cli/words.h"

#include <string.h>

#define DATE_SIZE sizeof("65535-255-255")

static void date_text(const struct lq_special_day *date, char ret_text[DATE_SIZE])
{
	if (date->year == 0) {
		(void)snprintf(ret_text, DATE_SIZE, "%02u-%02u", date->month, date->day);
	} else {
		(void)snprintf(
			ret_text, DATE_SIZE, "%04u-%02u-%02u", date->year, date->month, date->day);
	}
}

/* A request about one day of a group, or NULL after saying what is wrong. */
static json_t *day_request(const struct lq_cli *cli, const char *what)
{
	const char *group = cli->line.operands[0];
	const char *text = cli->line.operands[1];
	struct lq_special_day date;
	if (!lq_word_is_name(group)) {
		(void)lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "'%s' is no name: 1 to 32 of a-z, 0-9, - and _",
				"« %s » n’est pas un nom : 1 à 32 parmi a-z, 0-9, - et _"),
			group);
		return NULL;
	}
	if (lq_date_text_parse(text, &date) != LQ_OK) {
		(void)lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "'%s' is no date; write 2026-05-15, or 12-25 for every year",
				"« %s » n’est pas une date ; écrire 2026-05-15, ou 12-25 pour "
				"chaque année"),
			text);
		return NULL;
	}
	json_t *request = json_pack("{s:s, s:s, s:i, s:i}", "do", what, "name", group, "month",
		(int)date.month, "day", (int)date.day);
	if (date.year != 0) {
		(void)json_object_set_new(request, "year", json_integer(date.year));
	}
	return request;
}

int lq_run_day_add(const struct lq_cli *cli)
{
	const char *label = lq_option_value(&cli->line, "label");
	if (label != NULL && (strlen(label) >= LQ_MEMBER_NAME_SIZE ||
				     !lq_utf8_all_printable(label, strlen(label)))) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli,
				"--label: a label is at most %u bytes of UTF-8 without control "
				"characters",
				"--label : un libellé compte au plus %u octets d’UTF-8 sans "
				"caractère de contrôle"),
			LQ_MEMBER_NAME_SIZE - 1);
	}
	json_t *request = day_request(cli, "day.add");
	if (request == NULL) {
		return LQ_EXIT_USAGE;
	}
	if (label != NULL) {
		(void)json_object_set_new(request, "label", lq_json_foreign(label));
	}
	return lq_control_do(cli, request, "",
		lq_tr(cli, "has one more special day", "compte un jour particulier de plus"));
}

int lq_run_day_remove(const struct lq_cli *cli)
{
	json_t *request = day_request(cli, "day.remove");
	if (request == NULL) {
		return LQ_EXIT_USAGE;
	}
	return lq_control_do(cli, request, "",
		lq_tr(cli, "has one special day less", "compte un jour particulier de moins"));
}

struct listing {
	const struct lq_cli *cli;
	struct lq_table table;
};

static int list_day(void *ctx, const struct lq_day_text *day)
{
	struct listing *listing = ctx;
	char date[DATE_SIZE];
	date_text(&day->date, date);
	if (listing->cli->line.json) {
		return lq_print_json(listing->cli,
			json_pack("{s:o, s:s, s:b, s:o}", "group", lq_json_foreign(day->group),
				"date", date, "every_year", day->date.year == 0, "label",
				lq_json_foreign(day->label)));
	}
	lq_table_add(&listing->table, day->group);
	lq_table_add(&listing->table, date);
	lq_table_add(&listing->table,
		day->date.year == 0 ? lq_tr(listing->cli, "every year", "chaque année") : "-");
	lq_table_add(&listing->table, day->label);
	return LQ_EXIT_OK;
}

int lq_run_day_list(const struct lq_cli *cli)
{
	struct lq_store *store = NULL;
	int r = lq_view_open(cli, &store);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	struct listing listing = {.cli = cli, .table = {.columns = 4}};
	lq_table_add(&listing.table, lq_tr(cli, "GROUP", "GROUPE"));
	lq_table_add(&listing.table, "DATE");
	lq_table_add(&listing.table, lq_tr(cli, "AGAIN", "RETOUR"));
	lq_table_add(&listing.table, lq_tr(cli, "LABEL", "LIBELLÉ"));
	r = lq_day_list(store, list_day, &listing);
	return lq_view_end_list(cli, store, &listing.table, r);
}
