/* A door's input lines: opened, watched, debounced, and told to the door's step. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/door/doorway_internal.h"
#include "hal/gpiod/gpiod_lines.h"
#include "hal/sim/lines/sim_lines.h"

#define CHANGES_AT_ONCE 16

static enum lq_door_input_type input_of(enum lq_line line)
{
	switch (line) {
	case LQ_LINE_CONTACT:
		return LQ_DOOR_CONTACT;
	case LQ_LINE_REX:
		return LQ_DOOR_REX;
	case LQ_LINE_BOLT:
		return LQ_DOOR_BOLT;
	case LQ_LINE_FIRE:
		return LQ_DOOR_FIRE;
	case LQ_LINE_TAMPER:
		return LQ_DOOR_TAMPER;
	case LQ_LINE_RELAY:
	case LQ_LINE_LED_GREEN:
	case LQ_LINE_LED_RED:
	case LQ_LINE_BUZZER:
	case LQ_LINE_RESET:
	case LQ_LINE_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return LQ_DOOR_TICK;
}

static void take_level(struct lq_door_unit *unit, enum lq_line line, bool active)
{
	const struct lq_door_input input = {.type = input_of(line), .active = active};
	lq_doorway_step(unit, &input, NULL, false);
}

static void see_level(struct lq_door_unit *unit, enum lq_line line, bool active, struct lq_mono now)
{
	struct lq_debounce *input = &unit->inputs[line];
	uint32_t debounce_ms = unit->daemon->config->doors[unit->door.index].debounce_ms;
	if (lq_debounce_see(input, active, debounce_ms, now)) {
		take_level(unit, line, input->level);
	}
}

/* What cannot be read does not count; on_lines() reports it. */
struct lq_mono lq_doorway_tick_inputs(struct lq_door_unit *unit, struct lq_mono now)
{
	uint32_t debounce_ms = unit->daemon->config->doors[unit->door.index].debounce_ms;
	struct lq_mono next = LQ_FAR_AWAY;
	for (int i = LQ_LINE_CONTACT; i < LQ_LINE_COUNT; i++) {
		enum lq_line line = (enum lq_line)i;
		struct lq_debounce *input = &unit->inputs[line];
		struct lq_mono due;
		bool active = input->level;
		if (lq_debounce_deadline(input, debounce_ms, &due) && lq_mono_due(due, now)) {
			(void)unit->lines.get(unit->lines.ctx, line, &active);
			see_level(unit, line, active, now);
		}
		if (lq_debounce_deadline(input, debounce_ms, &due)) {
			next = lq_doorway_earlier(next, due);
		}
	}
	return next;
}

static int on_lines(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct lq_door_unit *unit = userdata;
	struct lq_mono now = lq_daemon_mono(unit->daemon);
	struct lq_line_change change;
	int r = 1;
	(void)fd;
	(void)events;
	/* What is left keeps the descriptor readable: a fluttering line does not hold the loop. */
	for (int i = 0; i < CHANGES_AT_ONCE && r == 1; i++) {
		r = unit->lines.next_change(unit->lines.ctx, &change);
		if (r == 1) {
			see_level(unit, change.line, change.active, now);
		}
	}
	if (r < 0) {
		lq_log("door %s: the input lines cannot be read any more (%s): check the chip",
			unit->daemon->site.doors[unit->door.index], lq_err_text(r));
		lq_doorway_report_fault(unit, "inputs", r);
		const struct lq_door_input lost = {.type = LQ_DOOR_INPUTS_LOST};
		lq_doorway_step(unit, &lost, NULL, false);
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	}
	lq_daemon_rearm(unit->daemon);
	return 0;
}

static int watch_lines(struct lq_door_unit *unit)
{
	int fds[LQ_LINE_COUNT];
	int count = unit->lines.fds(unit->lines.ctx, fds);
	for (int i = 0; i < count; i++) {
		if (sd_event_add_io(unit->daemon->loop, NULL, fds[i], EPOLLIN, on_lines, unit) <
			0) {
			return LQ_ERR_NO_MEMORY;
		}
	}
	return LQ_OK;
}

int lq_doorway_open_lines(enum lq_lines_kind kind, const struct lq_lines_settings *settings,
	const char *user, struct lq_lines *ret_lines)
{
	char problem[LQ_LINES_TEXT_SIZE] = "";
	int r = LQ_ERR_INVALID;
	switch (kind) {
	case LQ_LINES_GPIOD:
		r = lq_gpiod_lines_open(settings, ret_lines, problem);
		break;
	case LQ_LINES_SIM:
		r = lq_sim_lines_open(settings, ret_lines, problem);
		break;
	}
	if (r != LQ_OK) {
		lq_log("%s: %s", user, problem);
	}
	return r;
}

int lq_doorway_start_inputs(struct lq_door_unit *unit)
{
	for (int line = 0; line < LQ_LINE_COUNT; line++) {
		bool active = false;
		if (!lq_line_is_output((enum lq_line)line) &&
			unit->lines.get(unit->lines.ctx, (enum lq_line)line, &active) == LQ_OK) {
			unit->inputs[line] = lq_debounce_make(active);
			take_level(unit, (enum lq_line)line, active);
		}
	}
	return watch_lines(unit);
}
