/* Port: the machine's time zone database. One machine, so a function and no struct. */
#ifndef LQ_HAL_ZONE_H
#define LQ_HAL_ZONE_H

#include <stdbool.h>

/* Whether the machine has such an IANA zone ("Europe/Paris"). Any thread. */
bool lq_zone_known(const char *name);

#endif
