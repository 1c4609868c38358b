/* Every command of `loquet`: what it is called, how it is explained, what runs. */
#ifndef LQ_CLI_COMMANDS_H
#define LQ_CLI_COMMANDS_H

#include "host/cli/command_line.h"

extern const struct lq_command lq_commands[];
extern const size_t lq_command_count;

/* Each returns an enum lq_exit and has printed its answer, or said on stderr why there is none. */
int lq_run_member_add(const struct lq_cli *cli);
int lq_run_member_list(const struct lq_cli *cli);
int lq_run_member_show(const struct lq_cli *cli);
int lq_run_member_set(const struct lq_cli *cli);
int lq_run_member_disable(const struct lq_cli *cli);
int lq_run_member_enable(const struct lq_cli *cli);
int lq_run_badge_enrol(const struct lq_cli *cli);
int lq_run_badge_set(const struct lq_cli *cli);
int lq_run_badge_revoke(const struct lq_cli *cli);
int lq_run_badge_lost(const struct lq_cli *cli);
int lq_run_badge_enable(const struct lq_cli *cli);
int lq_run_badge_suspend(const struct lq_cli *cli);
int lq_run_badge_stolen(const struct lq_cli *cli);
int lq_run_badge_returned(const struct lq_cli *cli);
int lq_run_badge_damaged(const struct lq_cli *cli);
int lq_run_badge_list(const struct lq_cli *cli);
int lq_run_key_new(const struct lq_cli *cli);
int lq_run_command_sign(const struct lq_cli *cli);
int lq_run_export_members(const struct lq_cli *cli);
int lq_run_export_badges(const struct lq_cli *cli);
int lq_run_import_members(const struct lq_cli *cli);
int lq_run_import_badges(const struct lq_cli *cli);
int lq_run_profile_set(const struct lq_cli *cli);
int lq_run_schedule_set(const struct lq_cli *cli);
int lq_run_day_add(const struct lq_cli *cli);
int lq_run_day_remove(const struct lq_cli *cli);
int lq_run_day_list(const struct lq_cli *cli);
int lq_run_open(const struct lq_cli *cli);
int lq_run_door_mode(const struct lq_cli *cli);
int lq_run_door_hours(const struct lq_cli *cli);
int lq_run_door_prop(const struct lq_cli *cli);
int lq_run_door_fire_confirm(const struct lq_cli *cli);
int lq_run_maintainer_add(const struct lq_cli *cli);
int lq_run_maintainer_list(const struct lq_cli *cli);
int lq_run_maintainer_remove(const struct lq_cli *cli);
int lq_run_onsite(const struct lq_cli *cli);
int lq_run_passback_forgive(const struct lq_cli *cli);
int lq_run_status(const struct lq_cli *cli);
int lq_run_watch(const struct lq_cli *cli);
int lq_run_journal_list(const struct lq_cli *cli);
int lq_run_journal_verify(const struct lq_cli *cli);
int lq_run_journal_export(const struct lq_cli *cli);
int lq_run_journal_replay(const struct lq_cli *cli);
int lq_run_config_check(const struct lq_cli *cli);
int lq_run_config_show(const struct lq_cli *cli);
int lq_run_config_reference(const struct lq_cli *cli);
int lq_run_reasons(const struct lq_cli *cli);
int lq_run_help(const struct lq_cli *cli);

/* Says that `word` is no door mode; returns the exit code. */
int lq_unknown_mode(const struct lq_cli *cli, const char *word);

#endif
