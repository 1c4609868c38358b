/* What those who badge are to be told, made of the space's settings: a sign for the door, and the
 * full text. Pages to be printed, in French and English. */
#ifndef LQ_OFFICE_NOTICE_H
#define LQ_OFFICE_NOTICE_H

#include "firmware/config/config.h"
#include "host/office/settings.h"

enum lq_notice_size { LQ_NOTICE_SIGN, LQ_NOTICE_FULL };

/* Empty texts are left for somebody to write in by hand. */
struct lq_notice {
	char title[LQ_SETTING_SIZE]; /* of the space */
	char legal_name[LQ_SETTING_SIZE];
	char legal_address[LQ_SETTING_SIZE];
	char contact[LQ_SETTING_SIZE];
	char dpo[LQ_SETTING_SIZE];        /* empty: there is none */
	char recipients[LQ_SETTING_SIZE]; /* empty: nobody else */
	char page[LQ_SETTING_SIZE];       /* where the full text is; empty: not told */
	int64_t retention_days;
	int64_t capacity; /* 0: none is set */
	bool exits_badged;
	bool board;
	char date[sizeof("2026-12-01")];
};

/* A page of HTML, to be freed; NULL when memory ran out. */
char *lq_notice_page(
	const struct lq_notice *notice, enum lq_notice_size size, enum lq_language language);

#endif
