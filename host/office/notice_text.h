/* The words of the notices. Within them {title}, {name}, {address}, {contact}, {dpo}, {recipients},
 * {page}, {days}, {capacity} and {date} stand for what the space has set. */
#ifndef LQ_OFFICE_NOTICE_TEXT_H
#define LQ_OFFICE_NOTICE_TEXT_H

enum lq_notice_kind {
	LQ_NOTICE_END,
	LQ_NOTICE_TITLE,
	LQ_NOTICE_LEAD,
	LQ_NOTICE_HEADING,
	LQ_NOTICE_TEXT,
	LQ_NOTICE_ITEM, /* of a list */
	LQ_NOTICE_PAIR, /* what|how, of a list of such */
	LQ_NOTICE_FOOT,
};

enum lq_notice_when {
	LQ_NOTICE_ALWAYS,
	LQ_NOTICE_WITH_DPO,
	LQ_NOTICE_WITH_RECIPIENTS,
	LQ_NOTICE_WITH_PAGE,
	LQ_NOTICE_WITHOUT_PAGE,
	LQ_NOTICE_WITH_CAPACITY,
	LQ_NOTICE_WITH_BOARD,
	LQ_NOTICE_WITH_EXITS,
	LQ_NOTICE_WITHOUT_EXITS,
};

struct lq_notice_line {
	enum lq_notice_kind kind;
	enum lq_notice_when when;
	const char *text[2]; /* by enum lq_language */
};

extern const struct lq_notice_line lq_notice_sign[];
extern const struct lq_notice_line lq_notice_full[];

#endif
