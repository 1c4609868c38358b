/* What a person at the door sees and hears: patterns that differ in rhythm, not only in colour.
 * Every
 * pattern ends; what stands is shown again and again. Pure: elapsed time in, levels out. */
#ifndef LQ_DOOR_FEEDBACK_H
#define LQ_DOOR_FEEDBACK_H

#include <stdbool.h>
#include <stdint.h>

enum lq_feedback_kind {
	LQ_FEEDBACK_IDLE,
	LQ_FEEDBACK_GRANTED,  /* green steadily for a second, one beep */
	LQ_FEEDBACK_DENIED,   /* red blinking three times, three beeps in step */
	LQ_FEEDBACK_REFUSED,  /* the door's mode refuses everybody: red and one long tone */
	LQ_FEEDBACK_WARNING,  /* pre-alarm: a short flash and beep every two seconds */
	LQ_FEEDBACK_ALARM,    /* held or forced open: even beats, on as long as off */
	LQ_FEEDBACK_IDENTIFY, /* "here": green and red in turns, two short beeps a second, for six
			       */
};

struct lq_feedback {
	bool green;
	bool red;
	bool buzzer;
	uint32_t change_ms; /* elapsed time of the next change; UINT32_MAX: none */
};

struct lq_feedback lq_feedback_at(enum lq_feedback_kind kind, uint32_t elapsed_ms);

#endif
