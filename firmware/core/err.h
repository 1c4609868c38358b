/* The one error enum of the project. Functions return 0 (or a count) on success and one of these on
 * failure; their `ret_…` outputs are untouched then. */
#ifndef LQ_CORE_ERR_H
#define LQ_CORE_ERR_H

enum lq_err {
	LQ_OK = 0,
	LQ_ERR_IO = -1,           /* the device, file or socket failed */
	LQ_ERR_TIMEOUT = -2,      /* no answer before the deadline */
	LQ_ERR_INVALID = -3,      /* input is malformed or out of range */
	LQ_ERR_NO_MEMORY = -4,    /* allocation failed */
	LQ_ERR_FULL = -5,         /* a stated limit, or the disk, is reached */
	LQ_ERR_NOT_FOUND = -6,    /* no such thing */
	LQ_ERR_EXISTS = -7,       /* already there */
	LQ_ERR_CORRUPT = -8,      /* stored data does not verify */
	LQ_ERR_BUSY = -9,         /* somebody else holds it */
	LQ_ERR_UNSUPPORTED = -10, /* made by a newer version, or not offered here */
	LQ_ERR_CLOSED = -11,      /* the peer, or the file, went away */
};

/* Static English text for an enum lq_err or any other number; never NULL. */
const char *lq_err_text(int err);

#endif
