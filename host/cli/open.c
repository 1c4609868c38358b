#include "host/cli/commands.h"
#include "host/cli/control.h"

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

int lq_run_open(const struct lq_cli *cli)
{
	const char *door = cli->line.operands[0];
	json_t *answer = NULL;
	int r = lq_cli_need_config(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (!door_exists(&cli->config, door)) {
		return unknown_door(cli, door);
	}
	r = lq_control_call(cli, json_pack("{s:s, s:s}", "do", "door.open", "door", door), &answer);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli, answer);
	}
	json_decref(answer);
	lq_say(stdout, lq_tr(cli, "%s: released", "%s : déverrouillée"), door);
	return LQ_EXIT_OK;
}
