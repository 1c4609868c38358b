/* What the worker tells the supervisor over a pipe, so that its silence means something. */
#ifndef LQ_READER_BEAT_H
#define LQ_READER_BEAT_H

#include <stdint.h>

/* A worker that is silent for longer than it announced has hung. */
#define LQ_BEAT_POLL_MS 1000u
#define LQ_BEAT_OPEN_MS 1600u /* libnfc waits 1.05 s for a chip that does not answer */
#define LQ_BEAT_MAX_MS  1600u /* whatever the worker announces */

struct lq_beat {
	uint16_t silence_ms;
	uint8_t device_open;
	uint8_t door_connected;
};

#endif
