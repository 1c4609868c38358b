#include "firmware/core/err.h"

const char *lq_err_text(int err)
{
	switch ((enum lq_err)err) {
	case LQ_OK:
		return "no error";
	case LQ_ERR_IO:
		return "input/output failed";
	case LQ_ERR_TIMEOUT:
		return "no answer in time";
	case LQ_ERR_INVALID:
		return "not valid";
	case LQ_ERR_NO_MEMORY:
		return "out of memory";
	case LQ_ERR_FULL:
		return "full";
	case LQ_ERR_NOT_FOUND:
		return "not found";
	case LQ_ERR_EXISTS:
		return "exists already";
	case LQ_ERR_CORRUPT:
		return "damaged";
	case LQ_ERR_BUSY:
		return "in use by another process";
	case LQ_ERR_UNSUPPORTED:
		return "not supported";
	case LQ_ERR_CLOSED:
		return "closed by the other side";
	}
	return "unknown error";
}
