#include "firmware/core/err.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/schedule_text.h"
#include "host/cli/words.h"

#include <string.h>

static int check_own_name(const struct lq_cli *cli, const char *name)
{
	if (lq_word_is_name(name)) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
		lq_tr(cli, "'%s' is no name: 1 to 32 of a-z, 0-9, - and _",
			"« %s » n’est pas un nom : 1 à 32 parmi a-z, 0-9, - et _"),
		name);
}

static bool door_exists(const struct lq_config *config, const char *access_point)
{
	size_t length = strcspn(access_point, "/");
	for (uint16_t i = 0; i < config->door_count; i++) {
		if (strlen(config->doors[i].name) == length &&
			strncmp(config->doors[i].name, access_point, length) == 0) {
			return true;
		}
	}
	return strcmp(access_point, "*") == 0;
}

static int read_policy(const struct lq_cli *cli, const char *text, json_t *policies)
{
	struct lq_place place;
	if (lq_word_place(text, &place) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli,
				"--at: '%s' is no access point; write DOOR/entry, DOOR/exit or *, "
				"and @SCHEDULE behind it",
				"--at : « %s » n’est pas un accès ; écrire PORTE/entry, PORTE/exit "
				"ou *, puis @HORAIRE"),
			text);
	}
	if (!door_exists(&cli->config, place.access_point)) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "not_found",
			lq_tr(cli, "--at: the door of '%s' is not in %s",
				"--at : la porte de « %s » n’est pas dans %s"),
			text, cli->config_path);
	}
	json_t *policy = json_pack("{s:s}", "access_point", place.access_point);
	if (place.schedule[0] != '\0') {
		(void)json_object_set_new(policy, "schedule", json_string(place.schedule));
	}
	(void)json_array_append_new(policies, policy);
	return LQ_EXIT_OK;
}

int lq_run_profile_set(const struct lq_cli *cli)
{
	const char *name = cli->line.operands[0];
	int r = check_own_name(cli, name);
	if (r == LQ_EXIT_OK) {
		r = lq_cli_need_config(cli);
	}
	json_t *policies = json_array();
	for (size_t i = 0; r == LQ_EXIT_OK && i < cli->line.option_count; i++) {
		r = read_policy(cli, cli->line.options[i].value, policies);
	}
	if (r != LQ_EXIT_OK) {
		json_decref(policies);
		return r;
	}
	return lq_control_do(cli,
		json_pack(
			"{s:s, s:s, s:o}", "do", "profile.set", "name", name, "policies", policies),
		"", lq_tr(cli, "is set", "est enregistré"));
}

static int report_period(
	const struct lq_cli *cli, const char *text, const struct lq_schedule_error *error)
{
	static const char *const problems[][2] = {
		[LQ_SCHEDULE_DAY] = {"a day was expected: mon … sun, lun … dim",
			"un jour était attendu : lun … dim, mon … sun"},
		[LQ_SCHEDULE_TIME] = {"times were expected: 08:00-20:00",
			"des heures étaient attendues : 08:00-20:00"},
		[LQ_SCHEDULE_EMPTY] = {"it ends when it begins; the whole day is 00:00-24:00",
			"la fin égale le début ; la journée entière est 00:00-24:00"},
		[LQ_SCHEDULE_REST] = {"this was not expected", "ceci n’était pas attendu"},
		[LQ_SCHEDULE_FULL] = {"a schedule has at most 28 periods a week",
			"un horaire compte au plus 28 périodes par semaine"},
		[LQ_SCHEDULE_GROUP] = {"a group of special days was expected: loquet day list",
			"un groupe de jours particuliers était attendu : loquet day list"},
		[LQ_SCHEDULE_MANY] = {"a schedule names at most 8 groups, each with 4 times",
			"un horaire nomme au plus 8 groupes, de 4 périodes chacun"},
	};
	_Static_assert(LQ_SCHEDULE_PERIODS_MAX == 28 && LQ_SPECIALS_MAX == 8 &&
			       LQ_SPECIAL_PERIODS_MAX == 4,
		"the texts above say how many");
	return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
		lq_tr(cli, "'%s': at '%s': %s", "« %s » : à « %s » : %s"), text, text + error->at,
		lq_tr(cli, problems[error->problem][0], problems[error->problem][1]));
}

static json_t *periods_json(const struct lq_period *periods, uint8_t count)
{
	json_t *pairs = json_array();
	for (uint8_t i = 0; i < count; i++) {
		(void)json_array_append_new(
			pairs, json_pack("[i, i]", (int)periods[i].from, (int)periods[i].to));
	}
	return pairs;
}

static json_t *schedule_json(const char *name, const struct lq_schedule *schedule,
	char groups[LQ_SPECIALS_MAX][LQ_NAME_SIZE])
{
	json_t *request = json_pack("{s:s, s:s, s:o}", "do", "schedule.set", "name", name,
		"periods", periods_json(schedule->periods, schedule->count));
	json_t *specials = json_array();
	for (uint8_t i = 0; i < schedule->special_count; i++) {
		const struct lq_special *special = &schedule->specials[i];
		(void)json_array_append_new(
			specials, json_pack("{s:s, s:o}", "group", groups[i], "periods",
					  periods_json(special->periods, special->count)));
	}
	if (schedule->special_count > 0) {
		(void)json_object_set(request, "special", specials);
	}
	json_decref(specials);
	return request;
}

int lq_run_schedule_set(const struct lq_cli *cli)
{
	const char *name = cli->line.operands[0];
	struct lq_schedule schedule = {0};
	char groups[LQ_SPECIALS_MAX][LQ_NAME_SIZE];
	struct lq_schedule_error error;
	int r = check_own_name(cli, name);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	for (size_t i = 1; i < cli->line.operand_count; i++) {
		const char *text = cli->line.operands[i];
		if (lq_schedule_text_add(text, &schedule, &error) != LQ_OK) {
			return report_period(cli, text, &error);
		}
	}
	for (size_t i = 0; i < cli->line.option_count; i++) {
		const char *text = cli->line.options[i].value;
		if (lq_schedule_text_add_special(text, &schedule, groups, &error) != LQ_OK) {
			return report_period(cli, text, &error);
		}
	}
	return lq_control_do(cli, schedule_json(name, &schedule, groups), "",
		lq_tr(cli, "is set", "est enregistré"));
}
