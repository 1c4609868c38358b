/* Who came to an event: counted, and as a sheet to be printed and signed. */
#include "firmware/core/err.h"
#include "firmware/core/schedule.h"
#include "host/office/api_events.h"
#include "host/office/attendance.h"
#include "host/office/body.h"
#include "host/office/html.h"
#include "host/office/page_language.h"
#include "host/office/people.h"
#include "host/office/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MINUTES ((int64_t)LQ_DAY_MINUTES)

static json_t *attendance_json(const struct lq_attendance *attendance,
	const struct lq_calendar_event *event, const struct lq_occurrence *occurrence)
{
	int64_t registered = 0;
	for (size_t i = 0; i < attendance->count; i++) {
		const struct lq_attendant *a = &attendance->people[i];
		for (size_t j = 0; j < event->person_count && a->realm[0] == '\0'; j++) {
			registered += event->people[j] == a->holder ? 1 : 0;
		}
	}
	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I}", "from",
		lq_json_time(occurrence->from_ms), "to", lq_json_time(occurrence->to_ms),
		"registered", (json_int_t)event->person_count, "registeredCame",
		(json_int_t)registered, "badged", (json_int_t)attendance->count, "openings",
		(json_int_t)attendance->openings);
}

int lq_api_events_attendance(const struct lq_request *request, struct lq_answer *answer)
{
	static struct lq_attendance attendance;
	struct lq_calendar_event *event = NULL;
	struct lq_occurrence occurrence;
	int status = lq_api_event(request, answer, &event);
	if (status != 0) {
		return status;
	}
	status = lq_api_occurrence(request, answer, event, &occurrence);
	if (status == 0) {
		int r = lq_attendance_read(request->db, event, &occurrence, &attendance);
		if (r == LQ_OK) {
			answer->json = attendance_json(&attendance, event, &occurrence);
			answer->status = 200;
		}
		status = r == LQ_OK ? 200 : lq_problem_db(request, answer, r);
	}
	free(event);
	return status;
}

/* ---- the sheet ---- */

struct sheet {
	const struct lq_request *request;
	const struct lq_calendar_event *event;
	const struct lq_occurrence *occurrence;
	int64_t half; /* the minute of the day that ends its morning, as for visits */
	FILE *out;
};

static const char *words(const struct sheet *sheet, const char *en, const char *fr)
{
	return sheet->request->language == LQ_LANGUAGE_FR ? fr : en;
}

static void put_row(const struct sheet *sheet, const char *name)
{
	(void)fputs("<tr><td>", sheet->out);
	lq_html_put(sheet->out, name);
	(void)fputs("</td><td class=\"sign\"></td></tr>\n", sheet->out);
}

static int put_names(const struct sheet *sheet)
{
	int r = LQ_OK;
	for (size_t i = 0; i < sheet->event->person_count && r == LQ_OK; i++) {
		struct lq_person person;
		r = lq_person_get(sheet->request->db, sheet->event->people[i], &person);
		if (r == LQ_OK) {
			put_row(sheet, person.name);
		}
		r = r == LQ_ERR_NOT_FOUND ? LQ_OK : r; /* was erased since */
	}
	return r;
}

static void format_date(const struct sheet *sheet, const char begins[LQ_LOCAL_SIZE], char date[11])
{
	if (sheet->request->language == LQ_LANGUAGE_FR) {
		(void)snprintf(date, 11, "%.2s/%.2s/%.4s", begins + 8, begins + 5, begins);
	} else {
		(void)snprintf(date, 11, "%.10s", begins);
	}
}

/* A half-day: from and to in local minutes of one day. */
static int put_half(const struct sheet *sheet, int64_t from, int64_t to)
{
	char begins[LQ_LOCAL_SIZE];
	char ends[LQ_LOCAL_SIZE];
	char date[sizeof("26/03/2026")];
	lq_local_format(from, begins);
	lq_local_format(to, ends);
	format_date(sheet, begins, date);
	bool morning = from % DAY_MINUTES < sheet->half;
	(void)fprintf(sheet->out,
		"<section><h2>%s, %s (%s–%s)</h2>\n<table><thead><tr><th>%s</th><th>%s</th></tr>"
		"</thead><tbody>\n",
		date,
		morning ? words(sheet, "morning", "matin")
			: words(sheet, "afternoon", "après-midi"),
		begins + 11, ends + 11, words(sheet, "Trainee", "Stagiaire"),
		words(sheet, "Signature", "Signature"));
	int r = put_names(sheet);
	(void)fprintf(sheet->out,
		"</tbody><tbody class=\"trainer\"><tr><th>%s</th><th>%s</th></tr>\n",
		words(sheet, "Trainer", "Formateur ou formatrice"),
		words(sheet, "Signature", "Signature"));
	put_row(sheet, sheet->event->trainer);
	(void)fputs("</tbody></table></section>\n", sheet->out);
	return r;
}

static int put_halves(const struct sheet *sheet)
{
	int r = LQ_OK;
	int64_t at = sheet->occurrence->from;
	while (at < sheet->occurrence->to && r == LQ_OK) {
		int64_t day = at / DAY_MINUTES * DAY_MINUTES;
		int64_t end = at - day < sheet->half ? day + sheet->half : day + DAY_MINUTES;
		end = end < sheet->occurrence->to ? end : sheet->occurrence->to;
		r = put_half(sheet, at, end);
		at = end;
	}
	return r;
}

static int put_annex(const struct sheet *sheet)
{
	static struct lq_attendance attendance;
	int r = lq_attendance_read(
		sheet->request->db, sheet->event, sheet->occurrence, &attendance);
	(void)fprintf(sheet->out,
		"<section class=\"annex\"><h2>%s</h2><p>%s</p>\n<table><thead><tr><th>%s</th><th>%s"
		"</th><th>%s</th></tr></thead><tbody>\n",
		words(sheet, "Annex: passages at the door", "Annexe : passages à la porte"),
		words(sheet, "Supporting evidence only; it replaces no signature.",
			"Élément complémentaire ; il ne remplace aucune signature."),
		words(sheet, "Trainee", "Stagiaire"), words(sheet, "first", "premier"),
		words(sheet, "last", "dernier"));
	for (size_t i = 0; i < attendance.count && r == LQ_OK; i++) {
		const struct lq_attendant *a = &attendance.people[i];
		struct lq_person person;
		char first[LQ_LOCAL_SIZE];
		char last[LQ_LOCAL_SIZE];
		r = a->realm[0] == '\0' ? lq_person_get(sheet->request->db, a->holder, &person)
					: LQ_ERR_NOT_FOUND;
		if (r == LQ_OK) {
			lq_local_format(lq_local_minute_of(a->first_ms), first);
			lq_local_format(lq_local_minute_of(a->last_ms), last);
			(void)fputs("<tr><td>", sheet->out);
			lq_html_put(sheet->out, person.name);
			(void)fprintf(sheet->out, "</td><td>%s</td><td>%s</td></tr>\n", first + 11,
				last + 11);
		}
		r = r == LQ_ERR_NOT_FOUND ? LQ_OK : r;
	}
	(void)fputs("</tbody></table></section>\n", sheet->out);
	return r;
}

static void put_paragraph(const struct sheet *sheet, const char *text)
{
	if (*text != '\0') {
		(void)fputs("<p>", sheet->out);
		lq_html_put(sheet->out, text);
		(void)fputs("</p>\n", sheet->out);
	}
}

/* Who pays for a training asks whose sheet it is, and for how long it went. */
static void put_head(const struct sheet *sheet)
{
	const struct lq_occurrence *occurrence = sheet->occurrence;
	const int64_t minutes = (occurrence->to_ms - occurrence->from_ms) / 60000;
	char space[LQ_SETTING_SIZE];
	lq_setting_text(sheet->request->db, LQ_SETTING_TITLE, space);
	put_paragraph(sheet, *space != '\0' ? space : sheet->request->config->space);
	(void)fprintf(sheet->out, "<h1>%s</h1><p><strong>",
		words(sheet, "Attendance sheet", "Feuille d’émargement"));
	lq_html_put(sheet->out, sheet->event->title);
	(void)fprintf(sheet->out, "</strong>, %" PRId64 " h %02" PRId64 "</p>\n", minutes / 60,
		minutes % 60);
	put_paragraph(sheet, sheet->event->place);
	put_paragraph(sheet, sheet->event->description);
}

static int put_sheet(const struct sheet *sheet, bool annex)
{
	(void)fprintf(sheet->out,
		"<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta "
		"name=\"viewport\" content=\"width=device-width, "
		"initial-scale=1\"><title>%s</title>"
		"\n<link rel=\"stylesheet\" href=\"/print.css\"></head><body><main>\n",
		words(sheet, "en", "fr"), words(sheet, "Attendance sheet", "Feuille d’émargement"));
	put_head(sheet);
	int r = put_halves(sheet);
	r = r == LQ_OK && annex ? put_annex(sheet) : r;
	(void)fputs("</main></body></html>\n", sheet->out);
	return r;
}

/* The annex tells of persons when they came: looking at it is noted, and for those who may. */
static int check_annex(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_calendar_event *event, bool annex)
{
	char object[32];
	if (!annex) {
		return 0;
	}
	if ((request->caller.scopes >> LQ_SCOPE_HISTORY & 1u) == 0) {
		return lq_problem(request, answer, 403, "forbidden", "annex",
			"the annex is for those who may see the history",
			"l’annexe est réservée à qui peut voir l’historique");
	}
	(void)snprintf(object, sizeof(object), "event/%" PRId64, event->id);
	int r = lq_audit(request, "event.annex", object, "");
	return r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

int lq_api_events_sheet(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_calendar_event *event = NULL;
	struct lq_occurrence occurrence;
	struct lq_request reader = *request;
	bool annex = false;
	int status = lq_query_flag(request, answer, "annex", &annex);
	status = status == 0 ? lq_page_language(request, answer, &reader.language) : status;
	status = status == 0 ? lq_api_event(request, answer, &event) : status;
	if (status != 0) {
		return status;
	}
	status = check_annex(request, answer, event, annex);
	status = status == 0 ? lq_api_occurrence(request, answer, event, &occurrence) : status;
	if (status == 0) {
		struct sheet sheet = {.request = &reader,
			.event = event,
			.occurrence = &occurrence,
			.half = lq_setting_integer(request->db, LQ_SETTING_HALF_DAY_AT)};
		sheet.out = open_memstream(&answer->text, &answer->text_length);
		int r = sheet.out != NULL ? put_sheet(&sheet, annex) : LQ_ERR_NO_MEMORY;
		if (sheet.out != NULL && fclose(sheet.out) != 0 && r == LQ_OK) {
			r = LQ_ERR_NO_MEMORY;
		}
		answer->type = "text/html; charset=utf-8";
		status = r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
	}
	free(event);
	return status;
}
