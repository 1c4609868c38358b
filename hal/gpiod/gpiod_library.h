/* What gpiod_lines.c needs of libgpiod, whose versions 1 and 2 have nothing but the name in common.
 * The build compiles gpiod_library_1.c or gpiod_library_2.c. One thread. Where nothing else is
 * said, a negative result or NULL is a failure with its errno. */
#ifndef LQ_HAL_GPIOD_LIBRARY_H
#define LQ_HAL_GPIOD_LIBRARY_H

#include "hal/lines.h"

/* Under which the kernel lists our lines. */
#define LQ_GPIOD_CONSUMER "loquet"

/* The kernel's limit for such names (GPIO_MAX_NAME_SIZE), terminator included. */
#define LQ_GPIOD_USER_SIZE 32u

/* As many edges as the kernel queues for a line (gpiolib-cdev). */
#define LQ_GPIOD_EDGES_AT_ONCE 16u

/* Static. */
const char *lq_gpiod_library_version(void);

/* A chip and those of its lines that were taken. */
struct lq_gpiod;

/* `chip` is a number, a path, a name or a label. */
struct lq_gpiod *lq_gpiod_open(const char *chip);

/* Lets go of all lines as they are. */
void lq_gpiod_close(struct lq_gpiod *gpiod);

/* Valid until it is closed. */
const char *lq_gpiod_chip_name(struct lq_gpiod *gpiod);

unsigned lq_gpiod_line_count(struct lq_gpiod *gpiod);

/* Takes an output, inactive, or an input, watched for edges. `wiring->offset` is one of the chip's
 * lines. */
int lq_gpiod_take(struct lq_gpiod *gpiod, enum lq_line line, const struct lq_line_wiring *wiring);

bool lq_gpiod_taken(const struct lq_gpiod *gpiod, enum lq_line line);

/* Who has a line of the chip: "" for nobody, or nobody who said a name. */
void lq_gpiod_user(struct lq_gpiod *gpiod, unsigned offset, char ret_user[LQ_GPIOD_USER_SIZE]);

/* Of a line that was taken: */
int lq_gpiod_set(struct lq_gpiod *gpiod, enum lq_line line, bool active);
/* 0, 1 or negative. */
int lq_gpiod_get(struct lq_gpiod *gpiod, enum lq_line line);
/* Of an input. Readable while edges are queued. */
int lq_gpiod_fd(struct lq_gpiod *gpiod, enum lq_line line);
/* Of an input: takes at most LQ_GPIOD_EDGES_AT_ONCE from the queue. Waits for one unless the
 * descriptor is set not to. */
int lq_gpiod_read_edges(struct lq_gpiod *gpiod, enum lq_line line);

#endif
