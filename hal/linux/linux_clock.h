/* The machine's clocks.
 *
 * Trust: `synchronised` while the kernel says so (adjtimex(2): STA_UNSYNC is clear, which chrony,
 * ntpd and systemd-timesyncd see to). Otherwise `rtc` when the time is plausible: not before the
 * year in which the program was built. A board without a battery that was never told the time
 * stands at 1970 or at its kernel's own date; what counts on from a hardware clock, from a time
 * that was synchronised before, or from the time that the system saved when it went down passes,
 * and may be late by as long as the power was off. A space to which that matters sets clock_trust =
 * synchronised. What is left is `unset`. */
#ifndef LQ_HAL_LINUX_CLOCK_H
#define LQ_HAL_LINUX_CLOCK_H

#include "hal/clock.h"

/* Makes an IANA zone ("Europe/Paris") that of the whole process, as TZ would: call it before
 * threads start. LQ_ERR_NOT_FOUND the machine has no such zone, LQ_ERR_NO_MEMORY. */
int lq_linux_set_time_zone(const char *name);

/* Opens the clocks with an IANA zone ("Europe/Paris") as the space's. It becomes the time zone of
 * the whole process, as TZ would: call it before threads start, once. Trust is looked up once a
 * second, the zone's offset once a minute, so that wall() costs far less than a microsecond.
 * LQ_ERR_NOT_FOUND the machine has no such zone, LQ_ERR_NO_MEMORY. */
int lq_linux_clock_open(const char *time_zone, struct lq_clock *ret_clock);

void lq_linux_clock_close(struct lq_clock *clock);

#endif
