/* A loquetd within the test's process, in a folder of its own: a real journal and real sockets,
 * clocks that stand still, lines that the test looks at and breaks. */
#ifndef LQ_TESTS_UNIT_DOOR_RIG_H
#define LQ_TESTS_UNIT_DOOR_RIG_H

#include "firmware/door/daemon.h"
#include "hal/sim/clock/sim_clock.h"

#include <jansson.h>

struct rig_lines {
	struct lq_lines real;
	bool stuck; /* the relay does not obey */
	unsigned relay_orders;
	bool inputs_fail;
	bool deaf;    /* changes of inputs are not told of */
	bool flutter; /* the contact changes at every look */
	bool level;
};

struct rig {
	char folder[64];
	char config_path[96];
	struct lq_config config;
	struct lq_daemon daemon;
	struct lq_sim_clock *clock;
	struct rig_lines lines[LQ_DOORS_MAX];
	struct sqlite3 *holder;
};

/* Two doors (front, back), three readers (front-in, front-out, back-in); member 1 with the badge
 * `rig_uid`, profile "always". `settings` are more lines for [controller]. */
struct rig *rig_open(const char *settings);
/* Writes `config_path`, which the daemon reads again when it is asked to. */
void rig_write_config(struct rig *rig, const char *settings);
/* Ends everything; what is queued is written first. */
void rig_close(struct rig *rig);
/* Ends and opens the daemon again on the same folder; together, or one by one. */
void rig_restart(struct rig *rig);
void rig_stop(struct rig *rig);
void rig_start(struct rig *rig);

extern const uint8_t rig_uid[7];

/* Serves what is ready, and what the disk has still to answer. */
void rig_settle(struct rig *rig);
/* One round of the loop; does not wait for the disk. */
void rig_turn(struct rig *rig);
void rig_advance(struct rig *rig, uint32_t ms);

/* Somebody holds the write lock: to the daemon, a disk that does not answer. */
void rig_hold_disk(struct rig *rig);
void rig_let_disk(struct rig *rig);

/* Drives an input: "contact 1". */
void rig_drive(struct rig *rig, const char *door, const char *order);

void rig_tap(struct rig *rig, uint16_t reader, const uint8_t uid[7]);
bool rig_relay(struct rig *rig, uint16_t door);
/* Whether the chip of the first reader is held in reset. */
bool rig_reset(struct rig *rig);

/* A connection to one of the daemon's sockets; it blocks, with a limit. */
int rig_connect(struct rig *rig, const char *name);
/* Sends a request and returns the parsed answer; the caller's. */
json_t *rig_ask(struct rig *rig, int fd, const char *request);
/* The next message, or NULL when the daemon hung up. */
json_t *rig_receive(struct rig *rig, int fd);
bool rig_hung_up(struct rig *rig, int fd);

/* The types of all rows that were not purged ("door.released"), oldest first, separated by blanks;
 * the caller's. */
char *rig_types(struct rig *rig);
/* How many rows have this type. */
unsigned rig_count(struct rig *rig, const char *type);
/* No row is earlier than the one before it. */
void rig_assert_times_in_order(struct rig *rig);
/* The `data` of the last row of this type; the caller's. */
json_t *rig_last(struct rig *rig, const char *type);

#endif
