/* Port: the digital lines of one door, or of one reader. Levels are logical: true is "active"
 * (released, open, pressed, lit) whatever the wiring; the adapter inverts where the configuration
 * says so. One thread. */
#ifndef LQ_HAL_LINES_H
#define LQ_HAL_LINES_H

#include <stdbool.h>
#include <stdint.h>

enum lq_line {
	LQ_LINE_RELAY,     /* output: active = lock released */
	LQ_LINE_LED_GREEN, /* output */
	LQ_LINE_LED_RED,   /* output */
	LQ_LINE_BUZZER,    /* output */
	LQ_LINE_RESET,     /* output, of a reader: active = its chip is held in reset */
	LQ_LINE_CONTACT,   /* input: active = door open */
	LQ_LINE_REX,       /* input: active = exit requested */
	LQ_LINE_BOLT,      /* input: active = bolt home */
	LQ_LINE_FIRE,      /* input: active = fire */
	LQ_LINE_TAMPER,    /* input: active = tampered with */
	LQ_LINE_COUNT
};

/* "relay", "led_green" and so on. Static. */
static inline const char *lq_line_name(enum lq_line line)
{
	static const char *const names[LQ_LINE_COUNT] = {"relay", "led_green", "led_red", "buzzer",
		"reset", "contact", "rex", "bolt", "fire", "tamper"};
	return names[line];
}

static inline bool lq_line_is_output(enum lq_line line)
{
	return line < LQ_LINE_CONTACT;
}

#define LQ_LINE_UNUSED (-1)

/* How one line is wired. */
struct lq_line_wiring {
	int offset; /* on the chip, or LQ_LINE_UNUSED */
	bool active_low;
};

struct lq_lines_settings {
	char chip[160]; /* gpiod: path, name or label; sim: a folder */
	struct lq_line_wiring wiring[LQ_LINE_COUNT];
};

/* What adapters say when the lines cannot be opened: which chip and line, why, and what to do. */
#define LQ_LINES_TEXT_SIZE 256u

/* An input line changed. The level is the one read after the edge, so a lost or doubled edge
 * cannot invert it. */
struct lq_line_change {
	enum lq_line line;
	bool active;
};

struct lq_lines {
	void *ctx;

	/* Drives an output. Returns within 1 ms. LQ_ERR_INVALID for an input line, LQ_OK without
	 * effect for an output that is not wired, LQ_ERR_IO when the kernel refuses. */
	int (*set)(void *ctx, enum lq_line line, bool active);

	/* Reads the level of any wired line: of an output, what is driven. LQ_ERR_NOT_FOUND when it
	 * is not wired. */
	int (*get)(void *ctx, enum lq_line line, bool *ret_active);

	/* Whether the line is wired at all. */
	bool (*wired)(void *ctx, enum lq_line line);

	/* Descriptors that become readable when an input may have changed; at most LQ_LINE_COUNT,
	 * valid until close(). Returns their number. */
	int (*fds)(void *ctx, int ret_fds[LQ_LINE_COUNT]);

	/* Takes one pending change of an input: 1 written, 0 none left, negative on failure. Never
	 * blocks. Reports a line only when its level differs from the last one reported or read at
	 * opening. */
	int (*next_change)(void *ctx, struct lq_line_change *ret_change);

	/* Drives every output inactive, then releases the lines and frees `ctx`. */
	void (*close)(void *ctx);
};

#endif
