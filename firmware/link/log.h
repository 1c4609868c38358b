/* The link's lines on standard error, which the service manager keeps. */
#ifndef LQ_LINK_LOG_H
#define LQ_LINK_LOG_H

/* One line. Foreign text must have gone through lq_printable(). */
void lq_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
