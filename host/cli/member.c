#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "host/cli/badge_view.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/roster_view.h"
#include "host/cli/table.h"
#include "host/cli/words.h"

#include <inttypes.h>
#include <string.h>

static int check_name(const struct lq_cli *cli, const char *name)
{
	uint32_t id = 0;
	if (lq_utf8_blank(name, strlen(name)) || strlen(name) >= LQ_MEMBER_NAME_SIZE ||
		!lq_utf8_all_printable(name, strlen(name))) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli,
				"a name is 1 to %u bytes of UTF-8 without control characters, not "
				"only spaces",
				"un nom compte 1 à %u octets d’UTF-8 sans caractère de contrôle, "
				"et pas seulement des espaces"),
			LQ_MEMBER_NAME_SIZE - 1);
	}
	if (lq_word_roster_id(name, 'm', &id) == LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "'%s' would be taken for a member's number; choose a name",
				"« %s » serait pris pour un numéro de membre ; choisir un nom"),
			name);
	}
	return LQ_EXIT_OK;
}

int lq_run_member_add(const struct lq_cli *cli)
{
	const char *name = cli->line.operands[0];
	const char *profile = lq_option_value(&cli->line, "profile");
	profile = profile != NULL ? profile : "always";
	int r = check_name(cli, name);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (!lq_word_is_name(profile)) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "'%s' is no name of a profile: 1 to 32 of a-z, 0-9, - and _",
				"« %s » n’est pas un nom de profil : 1 à 32 parmi a-z, 0-9, - et "
				"_"),
			profile);
	}
	json_t *answer = NULL;
	json_t *request =
		json_pack("{s:s, s:s, s:s}", "do", "member.add", "name", name, "profile", profile);
	if (lq_option_given(&cli->line, "any-time")) {
		(void)json_object_set_new(request, "any_time", json_true());
	}
	if (lq_option_given(&cli->line, "extended-time")) {
		(void)json_object_set_new(request, "extended_time", json_true());
	}
	r = lq_control_call(cli, request, &answer);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli, answer);
	}
	lq_say(stdout,
		lq_tr(cli, "member m%s added: %s (profile %s)",
			"membre m%s ajouté : %s (profil %s)"),
		lq_number_text(answer, "member").text, name, profile);
	json_decref(answer);
	return LQ_EXIT_OK;
}

/* "yes" or "no" behind an option that may be left out. */
static int read_right(
	const struct lq_cli *cli, const char *option, const char *key, json_t *request)
{
	const char *text = lq_option_value(&cli->line, option);
	bool yes = text != NULL && (strcmp(text, "yes") == 0 || strcmp(text, "oui") == 0);
	if (text != NULL && !yes && strcmp(text, "no") != 0 && strcmp(text, "non") != 0) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "--%s: '%s' is neither yes nor no",
				"--%s : « %s » n’est ni oui ni non"),
			option, text);
	}
	if (text != NULL) {
		(void)json_object_set_new(request, key, json_boolean(yes));
	}
	return LQ_EXIT_OK;
}

int lq_run_member_set(const struct lq_cli *cli)
{
	uint32_t member = 0;
	if (cli->line.option_count == 0) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage", "%s",
			lq_tr(cli, "nothing to change: --any-time or --extended-time is missing",
				"rien à changer : il manque --any-time ou --extended-time"));
	}
	json_t *request = json_object();
	int r = read_right(cli, "any-time", "any_time", request);
	if (r == LQ_EXIT_OK) {
		r = read_right(cli, "extended-time", "extended_time", request);
	}
	if (r == LQ_EXIT_OK) {
		r = lq_view_find_member(cli, cli->line.operands[0], &member);
	}
	if (r != LQ_EXIT_OK) {
		json_decref(request);
		return r;
	}
	(void)json_object_set_new(request, "do", json_string("member.set"));
	(void)json_object_set_new(request, "member", json_integer(member));
	return lq_control_do(cli, request, "", lq_tr(cli, "is changed", "est modifié"));
}

static int set_enabled(const struct lq_cli *cli, const char *request, const char *done)
{
	uint32_t member = 0;
	json_t *answer = NULL;
	int r = lq_view_find_member(cli, cli->line.operands[0], &member);
	if (r == LQ_EXIT_OK) {
		r = lq_control_call(cli,
			json_pack("{s:s, s:I}", "do", request, "member", (json_int_t)member),
			&answer);
	}
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli, answer);
	}
	json_decref(answer);
	lq_say(stdout, "m%" PRIu32 " %s", member, done);
	return LQ_EXIT_OK;
}

int lq_run_member_disable(const struct lq_cli *cli)
{
	return set_enabled(cli, "member.disable",
		lq_tr(cli, "is disabled: their badges open nothing",
			"est désactivé : ses badges n’ouvrent plus rien"));
}

int lq_run_member_enable(const struct lq_cli *cli)
{
	return set_enabled(cli, "member.enable", lq_tr(cli, "is enabled", "est actif"));
}

struct listing {
	const struct lq_cli *cli;
	char letter;
	struct lq_table table;
};

static json_t *member_json(const struct lq_member *member)
{
	return json_pack("{s:I, s:o, s:o, s:b, s:b, s:b}", "member", (json_int_t)member->id, "name",
		lq_json_foreign(member->name), "profile", lq_json_foreign(member->profile),
		"enabled", (int)member->enabled, "any_time", (int)member->rights.any_time,
		"extended_time", (int)member->rights.extended_time);
}

static const char *rights_text(const struct lq_cli *cli, struct lq_rights rights)
{
	if (rights.any_time && rights.extended_time) {
		return lq_tr(cli, "any time, extended time", "à toute heure, temps prolongé");
	}
	if (rights.any_time) {
		return lq_tr(cli, "any time", "à toute heure");
	}
	return rights.extended_time ? lq_tr(cli, "extended time", "temps prolongé") : "-";
}

static const char *enabled_text(const struct lq_cli *cli, bool enabled)
{
	return enabled ? lq_tr(cli, "enabled", "actif") : lq_tr(cli, "disabled", "désactivé");
}

static int list_member(void *ctx, const struct lq_member *member)
{
	struct listing *listing = ctx;
	if (listing->cli->line.json) {
		json_t *row = member_json(member);
		(void)json_object_set_new(row, "badges", json_integer(member->badges));
		return lq_print_json(listing->cli, row);
	}
	lq_table_addf(&listing->table, "%c%" PRIu32, listing->letter, member->id);
	lq_table_add(&listing->table, member->name);
	lq_table_add(&listing->table, member->profile);
	lq_table_addf(&listing->table, "%" PRIu32, member->badges);
	lq_table_add(&listing->table, enabled_text(listing->cli, member->enabled));
	lq_table_add(&listing->table, rights_text(listing->cli, member->rights));
	return LQ_EXIT_OK;
}

int lq_run_member_list(const struct lq_cli *cli)
{
	struct lq_store *store = NULL;
	int r = lq_view_open(cli, &store);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	struct listing listing = {.cli = cli,
		.letter = lq_view_letter(store),
		.table = {.columns = 6, .right = 1u << 3}};
	lq_table_add(&listing.table, lq_tr(cli, "MEMBER", "MEMBRE"));
	lq_table_add(&listing.table, lq_tr(cli, "NAME", "NOM"));
	lq_table_add(&listing.table, lq_tr(cli, "PROFILE", "PROFIL"));
	lq_table_add(&listing.table, lq_tr(cli, "BADGES", "BADGES"));
	lq_table_add(&listing.table, lq_tr(cli, "STATE", "ÉTAT"));
	lq_table_add(&listing.table, lq_tr(cli, "RIGHTS", "DROITS"));
	r = lq_member_list(store, list_member, &listing);
	return lq_view_end_list(cli, store, &listing.table, r);
}

static int show_json(
	const struct lq_cli *cli, struct lq_store *store, const struct lq_member *member)
{
	json_t *badges = NULL;
	int r = lq_badges_json(cli, store, member->id, &badges);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	json_t *shown = member_json(member);
	(void)json_object_set_new(shown, "badges", badges);
	return lq_print_json(cli, shown);
}

static int show_text(
	const struct lq_cli *cli, struct lq_store *store, const struct lq_member *member)
{
	lq_say(stdout, "%c%" PRIu32 "  %s", lq_view_letter(store), member->id, member->name);
	lq_say(stdout, lq_tr(cli, "profile %s, %s", "profil %s, %s"), member->profile,
		enabled_text(cli, member->enabled));
	if (member->rights.any_time || member->rights.extended_time) {
		lq_say(stdout, lq_tr(cli, "rights: %s", "droits : %s"),
			rights_text(cli, member->rights));
	}
	if (member->badges == 0) {
		lq_say(stdout,
			lq_tr(cli, "no badge; enrol one with: loquet badge enrol m%" PRIu32,
				"aucun badge ; en enrôler un : loquet badge enrol m%" PRIu32),
			member->id);
		return LQ_EXIT_OK;
	}
	return lq_badges_print(cli, store, member->id);
}

int lq_run_member_show(const struct lq_cli *cli)
{
	uint32_t id = 0;
	struct lq_store *store = NULL;
	struct lq_member member;
	int r = lq_view_find_member(cli, cli->line.operands[0], &id);
	if (r == LQ_EXIT_OK) {
		r = lq_view_open(cli, &store);
	}
	if (r == LQ_EXIT_OK) {
		r = lq_view_get_member(cli, store, id, &member);
	}
	if (r == LQ_EXIT_OK) {
		r = cli->line.json ? show_json(cli, store, &member)
				   : show_text(cli, store, &member);
	}
	lq_store_close(store);
	return r;
}
