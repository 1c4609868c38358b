/* The end of a TCP connection in good order. A socket that is closed while something lies in it
 * unread is reset, and a reset takes along what the other side has not read yet: the last words. */
#ifndef LQ_HAL_LINUX_LINGER_H
#define LQ_HAL_LINUX_LINGER_H

#include <stdbool.h>
#include <stdint.h>

/* Another descriptor of a library's socket `fd`: while it is open, the library's close() ends
 * nothing. For lq_linux_linger(), which closes it. -1: `fd` is none, or there is no room. */
int lq_linux_keep(int fd);

/* Says that nothing more will be said, reads on, throwing it away, until the other side has hung
 * up, at most `limit_ms`, and closes `fd`. Accepts -1. Blocks. False: the other side was too slow.
 */
bool lq_linux_linger(int fd, uint32_t limit_ms);

#endif
