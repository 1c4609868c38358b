/* What loquetd answers in English, in French. Pure; any thread. */
#ifndef LQ_CLI_SAID_H
#define LQ_CLI_SAID_H

/* The sentence of an answer in French; itself where none is known. Borrowed. */
const char *lq_said_in_french(const char *text);

#endif
