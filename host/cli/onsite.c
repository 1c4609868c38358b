/* Who is in by the badges: loquetd is asked, and door.db read where it does not answer. */
#include "firmware/core/err.h"
#include "firmware/core/presence.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/roster_view.h"
#include "host/cli/table.h"
#include "host/cli/when.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct onsite {
	const struct lq_cli *cli;
	struct lq_site site;
	int64_t at_ms;
	int64_t frozen_ms; /* a fire began then; 0: none waits to be confirmed */
	bool frozen;       /* the list is of that time */
	bool stored;       /* as door.db had it: loquetd does not answer */
	struct lq_presence presence;
};

/* ---- from loquetd ---- */

static bool take_people(struct onsite *onsite, const json_t *people)
{
	for (size_t i = 0; i < json_array_size(people); i++) {
		const json_t *row = json_array_get(people, i);
		json_int_t zone = json_integer_value(json_array_get(row, 0));
		json_int_t member = json_integer_value(json_array_get(row, 1));
		if (zone < 0 || zone >= onsite->site.door_count || member < 1 ||
			member > UINT32_MAX) {
			return false;
		}
		(void)lq_presence_enter(&onsite->presence, (uint16_t)zone, (uint32_t)member,
			json_integer_value(json_array_get(row, 2)));
	}
	return true;
}

/* Absent or null is 0. */
static bool take_time(const json_t *answer, const char *key, int64_t *ret_unix_ms)
{
	const json_t *value = json_object_get(answer, key);
	*ret_unix_ms = 0;
	return value == NULL || json_is_null(value) ||
	       (json_is_string(value) &&
		       lq_when_parse_rfc3339(json_string_value(value), ret_unix_ms) == LQ_OK);
}

static json_t *page_request(const struct onsite *onsite)
{
	json_t *request = json_pack("{s:s}", "do", "onsite");
	if (onsite->frozen) {
		(void)json_object_set_new(request, "frozen", json_true());
	}
	if (onsite->presence.count != 0) {
		const struct lq_present *last = &onsite->presence.list[onsite->presence.count - 1];
		(void)json_object_set_new(request, "after",
			json_pack("[I, I]", (json_int_t)last->zone, (json_int_t)last->holder));
	}
	return request;
}

static int ask(struct onsite *onsite)
{
	bool more = true;
	while (more) {
		json_t *answer = NULL;
		uint32_t before = onsite->presence.count;
		int r = lq_control_call(onsite->cli, page_request(onsite), &answer);
		if (r != LQ_EXIT_OK) {
			return r;
		}
		bool sound = take_time(answer, "at", &onsite->at_ms) && onsite->at_ms != 0 &&
			     take_time(answer, "frozen_at", &onsite->frozen_ms) &&
			     take_people(onsite, json_object_get(answer, "people"));
		onsite->presence.unlisted =
			(uint32_t)json_integer_value(json_object_get(answer, "unlisted"));
		more = json_is_true(json_object_get(answer, "more"));
		json_decref(answer);
		if (!sound || (more && onsite->presence.count == before)) {
			return lq_fail(onsite->cli, LQ_EXIT_IO, "io", "%s",
				lq_tr(onsite->cli, "loquetd gave no list of people",
					"loquetd n’a pas donné de liste de personnes"));
		}
	}
	return LQ_EXIT_OK;
}

/* ---- from door.db ---- */

static struct lq_wall wall_now(void)
{
	struct timespec now;
	struct tm local;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)localtime_r(&now.tv_sec, &local);
	return (struct lq_wall){.unix_ms = now.tv_sec * INT64_C(1000),
		.utc_offset_s = (int32_t)local.tm_gmtoff,
		.trust = LQ_TRUST_SYNCHRONISED};
}

static int load(struct onsite *onsite, struct lq_store *store)
{
	const struct lq_day day = {.cut_hour = onsite->cli->config.day_cut};
	struct lq_wall now = wall_now();
	int err = lq_presence_load_frozen(
		store, &onsite->site, &onsite->presence, &onsite->frozen_ms);
	onsite->at_ms = onsite->frozen ? onsite->frozen_ms : now.unix_ms;
	if (err == LQ_OK && !onsite->frozen) {
		err = lq_presence_load(store, &onsite->site, &onsite->presence);
		lq_presence_sweep(&onsite->presence, &day, now);
	}
	return err == LQ_OK ? LQ_EXIT_OK : lq_view_fail(onsite->cli, store, err);
}

static int read_stored(struct onsite *onsite)
{
	struct lq_store *store = NULL;
	int r = lq_view_open(onsite->cli, &store);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	onsite->stored = true;
	onsite->presence.count = 0;
	r = load(onsite, store);
	lq_store_close(store);
	if (r == LQ_EXIT_OK && onsite->at_ms == 0) {
		return lq_fail(onsite->cli, LQ_EXIT_REFUSED, "not_found", "%s",
			lq_tr(onsite->cli, "no fire waits to be confirmed: nothing is frozen",
				"aucun incendie à confirmer : rien n’est figé"));
	}
	return r;
}

/* ---- for people and machines ---- */

static bool every_exit_badged(const struct onsite *onsite)
{
	bool every = true;
	for (uint32_t i = 0; i < onsite->presence.count; i++) {
		every = every && lq_zone_exit_badged(&onsite->site, onsite->presence.list[i].zone);
	}
	return every;
}

static json_t *person_json(
	const struct onsite *onsite, struct lq_store *store, const struct lq_present *present)
{
	char name[LQ_MEMBER_NAME_SIZE];
	char since[LQ_RFC3339_SIZE];
	lq_view_member_name(store, present->holder, name);
	lq_wall_rfc3339(present->since_ms, since);
	return json_pack("{s:I, s:o, s:s, s:s, s:b}", "member", (json_int_t)present->holder, "name",
		name[0] == '\0' ? json_null() : lq_json_foreign(name), "zone",
		onsite->site.zones[present->zone], "since", since, "exits_badged",
		lq_zone_exit_badged(&onsite->site, present->zone));
}

static json_t *frozen_json(const struct onsite *onsite)
{
	char text[LQ_RFC3339_SIZE];
	if (onsite->frozen_ms == 0) {
		return json_null();
	}
	lq_wall_rfc3339(onsite->frozen_ms, text);
	return json_string(text);
}

static int print_json(const struct onsite *onsite, struct lq_store *store)
{
	char at[LQ_RFC3339_SIZE];
	json_t *people = json_array();
	for (uint32_t i = 0; i < onsite->presence.count; i++) {
		(void)json_array_append_new(
			people, person_json(onsite, store, &onsite->presence.list[i]));
	}
	lq_wall_rfc3339(onsite->at_ms, at);
	return lq_print_json(onsite->cli,
		json_pack("{s:b, s:s, s:b, s:o, s:b, s:I, s:I, s:o}", "ok", 1, "at", at, "frozen",
			onsite->frozen, "frozen_at", frozen_json(onsite), "stored", onsite->stored,
			"at_least", (json_int_t)lq_presence_people(&onsite->presence), "unlisted",
			(json_int_t)onsite->presence.unlisted, "people", people));
}

static void print_heading(const struct onsite *onsite)
{
	const struct lq_cli *cli = onsite->cli;
	char at[LQ_WHEN_SIZE];
	lq_when_format(onsite->at_ms, LQ_WHEN_MINUTES, at);
	lq_say(stdout,
		lq_tr(cli, "%s  on site by the badges: at least %" PRIu32,
			"%s  présents d’après les badges : au moins %" PRIu32),
		at, lq_presence_people(&onsite->presence));
	if (onsite->frozen_ms != 0) {
		lq_say(stdout, "%s",
			onsite->frozen
				? lq_tr(cli, "frozen when the fire began",
					  "liste figée au début de l’incendie")
				: lq_tr(cli,
					  "a fire waits to be confirmed: who was in when it began, "
					  "with loquet onsite --frozen",
					  "incendie à confirmer : qui était là à son début, avec "
					  "loquet onsite --frozen"));
	}
	if (onsite->stored) {
		lq_say(stdout, "%s",
			lq_tr(cli, "loquetd does not answer: this is as door.db has it",
				"loquetd ne répond pas : état enregistré dans door.db"));
	}
	if (!every_exit_badged(onsite)) {
		lq_say(stdout, "%s",
			lq_tr(cli, "exits are not badged everywhere: some of them may have left",
				"les sorties ne sont pas toutes badgées : certains sont peut-être "
				"partis"));
	}
	if (onsite->presence.unlisted != 0) {
		lq_say(stdout,
			lq_tr(cli, "the list is full: %" PRIu32 " more entered",
				"la liste est pleine : %" PRIu32 " de plus sont entrés"),
			onsite->presence.unlisted);
	}
}

static void print_table(const struct onsite *onsite, struct lq_store *store)
{
	const struct lq_cli *cli = onsite->cli;
	struct lq_table table = {.columns = 4};
	char letter = lq_view_letter(store);
	lq_table_add(&table, lq_tr(cli, "MEMBER", "MEMBRE"));
	lq_table_add(&table, lq_tr(cli, "NAME", "NOM"));
	lq_table_add(&table, lq_tr(cli, "ZONE", "ZONE"));
	lq_table_add(&table, lq_tr(cli, "SINCE", "DEPUIS"));
	for (uint32_t i = 0; i < onsite->presence.count; i++) {
		const struct lq_present *present = &onsite->presence.list[i];
		char name[LQ_MEMBER_NAME_SIZE];
		char since[LQ_WHEN_SIZE];
		lq_view_member_name(store, present->holder, name);
		lq_when_format(present->since_ms, LQ_WHEN_MINUTES, since);
		lq_table_addf(&table, "%c%" PRIu32, letter, present->holder);
		lq_table_add(&table, name);
		lq_table_add(&table, onsite->site.zones[present->zone]);
		lq_table_add(&table, since);
	}
	lq_table_print(&table, "", stdout);
	lq_table_free(&table);
}

/* Names are in door.db alone; without it the list has numbers. */
static int print(const struct onsite *onsite)
{
	struct lq_store *store = NULL;
	int r = LQ_EXIT_OK;
	(void)lq_store_open_readonly(onsite->cli->config.state_dir, &store);
	if (onsite->cli->line.json) {
		r = print_json(onsite, store);
	} else {
		print_heading(onsite);
		if (onsite->presence.count != 0) {
			print_table(onsite, store);
		}
	}
	lq_store_close(store);
	return r;
}

int lq_run_onsite(const struct lq_cli *cli)
{
	int r = lq_cli_need_config(cli);
	if (r == LQ_EXIT_OK) {
		r = lq_cli_use_zone(cli);
	}
	if (r != LQ_EXIT_OK) {
		return r;
	}
	struct onsite *onsite = calloc(1, sizeof(*onsite));
	if (onsite == NULL) {
		return lq_fail(cli, LQ_EXIT_IO, "io", "%s",
			lq_tr(cli, "out of memory", "mémoire insuffisante"));
	}
	onsite->cli = cli;
	onsite->frozen = lq_option_given(&cli->line, "frozen");
	onsite->site = lq_config_site(&cli->config);
	r = ask(onsite);
	if (r == LQ_EXIT_UNREACHABLE) {
		r = read_stored(onsite);
	}
	if (r == LQ_EXIT_OK) {
		r = print(onsite);
	}
	free(onsite);
	return r;
}

int lq_run_passback_forgive(const struct lq_cli *cli)
{
	uint32_t member = 0;
	int r = lq_view_find_member(cli, cli->line.operands[0], &member);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	return lq_control_do(cli,
		json_pack("{s:s, s:I}", "do", "passback.forgive", "member", (json_int_t)member),
		lq_tr(cli, ":", " :"),
		lq_tr(cli, "the next entry is not judged",
			"la prochaine entrée ne sera pas jugée"));
}
