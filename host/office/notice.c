#include "host/office/notice.h"

#include "host/office/html.h"
#include "host/office/notice_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_FROM 280u /* bytes of what a space may set, beyond which the sign is set smaller */

struct page {
	FILE *out;
	const struct lq_notice *notice;
	enum lq_notice_size size;
	enum lq_language language;
	enum lq_notice_kind open; /* which list is begun: ITEM, PAIR or END for none */
};

static const char *tr(const struct page *page, const char *en, const char *fr)
{
	return page->language == LQ_LANGUAGE_FR ? fr : en;
}

/* ---- text ---- */

static void put_value(const struct page *page, const char *value)
{
	if (*value == '\0') {
		(void)fprintf(page->out, "<span class=\"blank\">%s</span>",
			tr(page, "to be filled in", "à compléter"));
	}
	lq_html_put(page->out, value);
}

static void put_number(const struct page *page, int64_t value)
{
	(void)fprintf(page->out, "%" PRId64, value);
}

static bool is_key(const char *at, size_t length, const char *key)
{
	return strlen(key) == length && memcmp(at, key, length) == 0;
}

static void put_key(const struct page *page, const char *key, size_t length)
{
	const struct lq_notice *notice = page->notice;
	const struct {
		const char *key;
		const char *value;
	} values[] = {{"title", notice->title}, {"name", notice->legal_name},
		{"address", notice->legal_address}, {"contact", notice->contact},
		{"dpo", notice->dpo}, {"recipients", notice->recipients}, {"page", notice->page},
		{"date", notice->date}};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (is_key(key, length, values[i].key)) {
			put_value(page, values[i].value);
		}
	}
	if (is_key(key, length, "days")) {
		put_number(page, notice->retention_days);
	} else if (is_key(key, length, "capacity")) {
		put_number(page, notice->capacity);
	}
}

/* Up to `end`, with what the space has set in the place of the words in braces. */
static void put_text(const struct page *page, const char *text, const char *end)
{
	while (text < end) {
		size_t length = *text == '{' ? strcspn(text, "}") : 0;
		if (length > 0) {
			put_key(page, text + 1, length - 1);
			text += length + 1;
		} else {
			lq_html_put_character(page->out, *text++);
		}
	}
}

/* ---- lines ---- */

static bool is_wanted(const struct lq_notice *notice, enum lq_notice_when when)
{
	switch (when) {
	case LQ_NOTICE_ALWAYS:
		return true;
	case LQ_NOTICE_WITH_DPO:
		return notice->dpo[0] != '\0';
	case LQ_NOTICE_WITH_RECIPIENTS:
		return notice->recipients[0] != '\0';
	case LQ_NOTICE_WITH_PAGE:
		return notice->page[0] != '\0';
	case LQ_NOTICE_WITHOUT_PAGE:
		return notice->page[0] == '\0';
	case LQ_NOTICE_WITH_CAPACITY:
		return notice->capacity > 0;
	case LQ_NOTICE_WITH_BOARD:
		return notice->board;
	case LQ_NOTICE_WITH_EXITS:
		return notice->exits_badged;
	case LQ_NOTICE_WITHOUT_EXITS:
		return !notice->exits_badged;
	}
	return false;
}

/* A list lasts as long as its lines follow each other. */
static void turn_list(struct page *page, enum lq_notice_kind kind)
{
	bool lists = kind == LQ_NOTICE_ITEM || kind == LQ_NOTICE_PAIR;
	enum lq_notice_kind wanted = lists ? kind : LQ_NOTICE_END;
	if (page->open == wanted) {
		return;
	}
	if (page->open != LQ_NOTICE_END) {
		(void)fputs(page->open == LQ_NOTICE_ITEM ? "</ul>\n" : "</dl>\n", page->out);
	}
	if (wanted != LQ_NOTICE_END) {
		(void)fputs(wanted == LQ_NOTICE_ITEM ? "<ul>\n" : "<dl>\n", page->out);
	}
	page->open = wanted;
}

static void put_between(
	const struct page *page, const char *before, const char *text, const char *after)
{
	(void)fputs(before, page->out);
	put_text(page, text, text + strlen(text));
	(void)fputs(after, page->out);
}

static void put_pair(const struct page *page, const char *text)
{
	const char *bar = strchrnul(text, '|');
	(void)fputs("<div><dt>", page->out);
	put_text(page, text, bar);
	put_between(page, "</dt><dd>", *bar == '|' ? bar + 1 : bar, "</dd></div>\n");
}

static void put_line(struct page *page, const struct lq_notice_line *line)
{
	const char *text = line->text[page->language];
	turn_list(page, line->kind);
	switch (line->kind) {
	case LQ_NOTICE_END:
		break;
	case LQ_NOTICE_TITLE:
		put_between(page, "<h1>", text, "</h1>\n");
		break;
	case LQ_NOTICE_LEAD:
		put_between(page, "<p class=\"lead\">", text, "</p>\n");
		break;
	case LQ_NOTICE_HEADING:
		put_between(page, "<h2>", text, "</h2>\n");
		break;
	case LQ_NOTICE_TEXT:
		put_between(page, "<p>", text, "</p>\n");
		break;
	case LQ_NOTICE_ITEM:
		put_between(page, "<li>", text, "</li>\n");
		break;
	case LQ_NOTICE_PAIR:
		put_pair(page, text);
		break;
	case LQ_NOTICE_FOOT:
		put_between(page, "<p class=\"foot\">", text, "</p>\n");
		break;
	}
}

/* ---- the page ---- */

static void put_link(const struct page *page, const char *language, const char *size,
	const char *lang, const char *text)
{
	bool here = strcmp(language, page->language == LQ_LANGUAGE_FR ? "fr" : "en") == 0 &&
		    strcmp(size, page->size == LQ_NOTICE_SIGN ? "a4" : "full") == 0;
	(void)fprintf(page->out,
		"<a href=\"/notice?lang=%s&amp;size=%s\" lang=\"%s\" hreflang=\"%s\"%s>%s</a>\n",
		language, size, lang, lang, here ? " aria-current=\"page\"" : "", text);
}

static bool is_incomplete(const struct lq_notice *notice)
{
	return notice->legal_name[0] == '\0' || notice->legal_address[0] == '\0' ||
	       notice->contact[0] == '\0';
}

/* What only a screen shows. */
static void put_bar(const struct page *page)
{
	(void)fprintf(page->out, "<header class=\"bar\"><nav aria-label=\"%s\">\n",
		tr(page, "Other notices", "Autres affiches"));
	put_link(page, "fr", "a4", "fr", "Affiche");
	put_link(page, "fr", "full", "fr", "Texte complet");
	put_link(page, "en", "a4", "en", "Sign");
	put_link(page, "en", "full", "en", "Full text");
	(void)fprintf(page->out, "</nav><button type=\"button\" id=\"print\" hidden>%s</button>\n",
		tr(page, "Print", "Imprimer"));
	if (is_incomplete(page->notice)) {
		(void)fprintf(page->out, "<p>%s</p>\n",
			tr(page,
				"Something is to be filled in yet: by a manager under Settings, or "
				"by hand.",
				"Il reste à compléter : dans les Réglages, ou à la main."));
	}
	(void)fputs("</header>\n", page->out);
}

static const char picture[] =
	"<svg viewBox=\"0 0 120 72\" aria-hidden=\"true\" fill=\"none\" stroke=\"currentColor\" "
	"stroke-width=\"4\" stroke-linecap=\"round\"><rect x=\"4\" y=\"12\" width=\"64\" "
	"height=\"44\" rx=\"6\"/><circle cx=\"24\" cy=\"29\" r=\"6\"/><path d=\"M13 47c1-8 6-11 "
	"11-11s10 3 11 11M46 28h12M46 40h12M80 48c5-8 5-20 0-28M92 54c8-12 8-28 0-40M104 60c11-16 "
	"11-36 0-52\"/></svg>\n";

static bool is_long(const struct lq_notice *notice)
{
	return strlen(notice->title) + strlen(notice->legal_name) + strlen(notice->legal_address) +
		       strlen(notice->contact) + strlen(notice->dpo) + strlen(notice->page) >
	       LONG_FROM;
}

static const char *class_of(const struct page *page)
{
	if (page->size == LQ_NOTICE_FULL) {
		return "full";
	}
	return is_long(page->notice) ? "sign long" : "sign";
}

static void put_head(const struct page *page)
{
	const struct lq_notice_line *lines =
		page->size == LQ_NOTICE_SIGN ? lq_notice_sign : lq_notice_full;
	(void)fprintf(page->out,
		"<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
		tr(page, "en", "fr"));
	put_between(page, "", lines[0].text[page->language], "</title>\n");
	(void)fprintf(page->out,
		"<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n"
		"<link rel=\"stylesheet\" href=\"/notice.css\">\n"
		"<script type=\"module\" src=\"/notice.js\"></script>\n</head>\n<body "
		"class=\"%s\">\n",
		class_of(page));
}

static void put_page(struct page *page)
{
	const struct lq_notice_line *line =
		page->size == LQ_NOTICE_SIGN ? lq_notice_sign : lq_notice_full;
	put_head(page);
	put_bar(page);
	(void)fputs("<main>\n", page->out);
	if (page->size == LQ_NOTICE_SIGN) {
		(void)fputs(picture, page->out);
	}
	for (; line->kind != LQ_NOTICE_END; line++) {
		if (is_wanted(page->notice, line->when)) {
			put_line(page, line);
		}
	}
	turn_list(page, LQ_NOTICE_END);
	if (page->size == LQ_NOTICE_SIGN && page->notice->title[0] != '\0') {
		put_between(page, "<p class=\"space\">", "{title}", "</p>\n");
	}
	(void)fputs("</main>\n</body>\n</html>\n", page->out);
}

char *lq_notice_page(
	const struct lq_notice *notice, enum lq_notice_size size, enum lq_language language)
{
	char *text = NULL;
	size_t length = 0;
	struct page page = {.notice = notice, .size = size, .language = language};
	page.out = open_memstream(&text, &length);
	if (page.out == NULL) {
		return NULL;
	}
	put_page(&page);
	bool failed = ferror(page.out) != 0;
	if (fclose(page.out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}
