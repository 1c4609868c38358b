/* Lines for the operator on standard error. Never given a UID, an APDU or a key. */
#ifndef LQ_READER_LOG_H
#define LQ_READER_LOG_H

/* "loquet-reader[NAME]: …", one line in one write; `name` may be NULL before there is one. */
__attribute__((format(printf, 2, 3))) void lq_reader_log(const char *name, const char *format, ...);

#endif
