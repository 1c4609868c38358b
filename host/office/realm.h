/* Whose number a holder is: realm and number together are somebody. */
#ifndef LQ_OFFICE_REALM_H
#define LQ_OFFICE_REALM_H

#include "firmware/core/site.h"

#include <stdint.h>

/* The realm of the numbers that the office itself gave. No controller has this name. */
#define LQ_REALM_OFFICE ""

#define LQ_PERSON_TEXT_SIZE (LQ_NAME_SIZE + 16u)

struct lq_somebody {
	char realm[LQ_NAME_SIZE];
	int64_t holder; /* 1 to UINT32_MAX */
};

/* "p12", or "front-board/m12" of a controller's own roster. */
void lq_person_text(const char *realm, int64_t holder, char ret_text[LQ_PERSON_TEXT_SIZE]);

/* LQ_ERR_INVALID for anything else. */
int lq_person_parse(const char *text, struct lq_somebody *ret_somebody);

#endif
