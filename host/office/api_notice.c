#include "host/office/api_notice.h"

#include "firmware/core/err.h"
#include "host/office/notice.h"

#include <string.h>
#include <time.h>

/* As it is followed by a path. */
static void load_page(struct lq_db *db, char ret_page[LQ_SETTING_SIZE])
{
	lq_setting_text(db, LQ_SETTING_PAGE_ADDRESS, ret_page);
	size_t length = strlen(ret_page);
	while (length > 0 && ret_page[length - 1] == '/') {
		ret_page[--length] = '\0';
	}
}

static void load(
	const struct lq_request *request, enum lq_language language, struct lq_notice *notice)
{
	struct lq_db *db = request->db;
	const time_t now = (time_t)(request->now_ms / 1000);
	struct tm local;
	lq_setting_text(db, LQ_SETTING_TITLE, notice->title);
	lq_setting_text(db, LQ_SETTING_LEGAL_NAME, notice->legal_name);
	lq_setting_text(db, LQ_SETTING_LEGAL_ADDRESS, notice->legal_address);
	lq_setting_text(db, LQ_SETTING_CONTACT, notice->contact);
	lq_setting_text(db, LQ_SETTING_DPO, notice->dpo);
	lq_setting_text(db, LQ_SETTING_RECIPIENTS, notice->recipients);
	load_page(db, notice->page);
	notice->retention_days = lq_setting_integer(db, LQ_SETTING_RETENTION_DAYS);
	notice->capacity = lq_setting_integer(db, LQ_SETTING_CAPACITY_LEGAL);
	notice->exits_badged = lq_setting_integer(db, LQ_SETTING_EXITS_BADGED) != 0;
	notice->board = lq_setting_integer(db, LQ_SETTING_BOARD) != 0;
	if (localtime_r(&now, &local) == NULL ||
		strftime(notice->date, sizeof(notice->date),
			language == LQ_LANGUAGE_FR ? "%d/%m/%Y" : "%Y-%m-%d", &local) == 0) {
		notice->date[0] = '\0';
	}
}

/* Which of two words a key of the query is; `otherwise` where it is not there, -1 when it is none.
 */
static int choose(const struct lq_request *request, const char *key, const char *first,
	const char *second, int otherwise)
{
	const char *value = lq_query_value(request->query, key);
	if (value == NULL) {
		return otherwise;
	}
	if (strcmp(value, first) == 0) {
		return 0;
	}
	return strcmp(value, second) == 0 ? 1 : -1;
}

static int get_notice(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_notice notice = {0};
	int language = choose(request, "lang", "en", "fr", (int)request->language);
	int size = choose(request, "size", "a4", "full", LQ_NOTICE_FULL);
	if (language < 0) {
		return lq_problem(request, answer, 400, "invalid", "lang",
			"lang: expected fr or en", "lang : attendu fr ou en");
	}
	if (size < 0) {
		return lq_problem(request, answer, 400, "invalid", "size",
			"size: expected a4 or full", "size : attendu a4 ou full");
	}
	load(request, (enum lq_language)language, &notice);
	answer->text =
		lq_notice_page(&notice, (enum lq_notice_size)size, (enum lq_language)language);
	if (answer->text == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	answer->text_length = strlen(answer->text);
	answer->type = "text/html; charset=utf-8";
	return answer->status = 200;
}

const struct lq_route lq_routes_notice[] = {
	{"GET", "/notice", LQ_SCOPE_NOBODY, get_notice},
};

const size_t lq_routes_notice_count = sizeof(lq_routes_notice) / sizeof(lq_routes_notice[0]);
