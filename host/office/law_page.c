#include "host/office/law_page.h"

#include "firmware/core/decide.h"
#include "firmware/core/site.h"
#include "host/office/html.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum cell {
	CELL_PLAIN,
	CELL_DATE,
	CELL_PERSON,
	CELL_YES_NO,
	CELL_MOMENT,    /* 0: none */
	CELL_LOCAL,     /* minutes of local time */
	CELL_KIND,      /* of person */
	CELL_STATE,     /* of badge */
	CELL_DIRECTION, /* of passage */
	CELL_ALERT,     /* what an operator was to look at */
	CELL_HOURS,     /* 0: none */
};

struct words {
	const char *name[2]; /* by enum lq_language */
};

struct column {
	const char *key;
	enum cell cell;
	struct words words;
};

#define COLUMNS_MAX 16u

struct sheet {
	const char *key;
	struct words words;
	struct column columns[COLUMNS_MAX];
};

static const struct sheet sheets[] = {
	{"person", {{"Who you are here", "Qui vous êtes ici"}},
		{{"number", CELL_PERSON, {{"Number", "Numéro"}}},
			{"name", CELL_PLAIN, {{"Name", "Nom"}}},
			{"kind", CELL_KIND, {{"Kind", "Qualité"}}},
			{"profile", CELL_PLAIN, {{"Profile of access", "Profil d’accès"}}},
			{"email", CELL_PLAIN, {{"E-mail", "Courriel"}}},
			{"external_id", CELL_PLAIN,
				{{"Number in another system", "Numéro dans un autre système"}}},
			{"enabled", CELL_YES_NO, {{"May come in", "Peut entrer"}}},
			{"hidden", CELL_YES_NO,
				{{"Never named on screens", "Jamais nommé à l’écran"}}},
			{"board", CELL_YES_NO,
				{{"Named on the public board", "Nommé au tableau public"}}},
			{"any_time", CELL_YES_NO, {{"At any time", "À toute heure"}}},
			{"extended_time", CELL_YES_NO,
				{{"Doors stay open longer", "Portes ouvertes plus longtemps"}}},
			{"created", CELL_MOMENT, {{"Kept since", "Conservé depuis"}}},
			{"changed", CELL_MOMENT, {{"Last changed", "Modifié"}}}}},
	{"badge", {{"Your badges", "Vos badges"}},
		{{"id", CELL_PLAIN, {{"Number", "Numéro"}}},
			{"label", CELL_PLAIN, {{"Printed on it", "Inscription"}}},
			{"state", CELL_STATE, {{"State", "État"}}},
			{"valid_from", CELL_MOMENT, {{"Valid from", "Valable à partir du"}}},
			{"valid_to", CELL_MOMENT, {{"Valid until", "Valable jusqu’au"}}},
			{"uses", CELL_PLAIN, {{"Number of uses", "Nombre d’usages"}}},
			{"valid_for", CELL_HOURS,
				{{"Hours from its first use", "Heures dès le premier usage"}}},
			{"suspended_until", CELL_MOMENT,
				{{"Suspended until", "Suspendu jusqu’au"}}},
			{"changed", CELL_MOMENT, {{"Last changed", "Modifié"}}}}},
	{"visitor", {{"Your visit as a guest", "Votre visite comme invité"}},
		{{"host", CELL_PERSON, {{"Guest of", "Invité de"}}},
			{"from_at", CELL_MOMENT, {{"From", "De"}}},
			{"to_at", CELL_MOMENT, {{"Until", "À"}}},
			{"purpose", CELL_PLAIN, {{"Purpose", "Motif"}}}}},
	{"passage", {{"Passages at the doors", "Passages aux portes"}},
		{{"at", CELL_MOMENT, {{"When", "Quand"}}}, {"zone", CELL_PLAIN, {{"Zone", "Zone"}}},
			{"direction", CELL_DIRECTION, {{"Direction", "Sens"}}},
			{"controller", CELL_PLAIN, {{"Controller", "Contrôleur"}}}}},
	{"visit", {{"Visits", "Visites"}},
		{{"zone", CELL_PLAIN, {{"Zone", "Zone"}}},
			{"began", CELL_MOMENT, {{"Came", "Arrivée"}}},
			{"seen", CELL_MOMENT, {{"Last seen", "Dernier passage"}}},
			{"left_it", CELL_YES_NO, {{"Left by badge", "Sortie par badge"}}},
			{"passages", CELL_PLAIN, {{"Passages", "Passages"}}}}},
	{"visit_correction", {{"Corrections of visits", "Corrections des visites"}},
		{{"zone", CELL_PLAIN, {{"Zone", "Zone"}}},
			{"check_in", CELL_MOMENT, {{"Came", "Arrivée"}}},
			{"check_out", CELL_MOMENT, {{"Went", "Départ"}}},
			{"half_days", CELL_PLAIN, {{"Half-days", "Demi-journées"}}},
			{"void", CELL_YES_NO, {{"Was no visit", "N’était pas une visite"}}},
			{"at", CELL_MOMENT, {{"Corrected", "Corrigé"}}},
			{"reason", CELL_PLAIN, {{"Reason", "Motif"}}}}},
	{"billing", {{"Half-days that are billed", "Demi-journées facturées"}},
		{{"date", CELL_DATE, {{"Date", "Date"}}},
			{"half_days", CELL_PLAIN, {{"Half-days", "Demi-journées"}}}}},
	{"calendar_event_person", {{"What you are registered for", "Vos inscriptions"}},
		{{"title", CELL_PLAIN, {{"Event", "Événement"}}},
			{"place", CELL_PLAIN, {{"Place", "Lieu"}}},
			{"begins", CELL_LOCAL, {{"Begins, or began", "Début"}}}}},
	{"alert", {{"Taps that were pointed out", "Passages signalés"}},
		{{"at", CELL_MOMENT, {{"When", "Quand"}}}, {"kind", CELL_ALERT, {{"What", "Quoi"}}},
			{"door", CELL_PLAIN, {{"Door", "Porte"}}},
			{"controller", CELL_PLAIN, {{"Controller", "Contrôleur"}}}}},
	{"muster_tick", {{"Found safe in an evacuation", "Pointages lors d’une évacuation"}},
		{{"at", CELL_MOMENT, {{"When", "Quand"}}}}},
	{"webhook_visit",
		{{"Visits that other programs were told of",
			"Visites annoncées à d’autres programmes"}},
		{{"zone", CELL_PLAIN, {{"Zone", "Zone"}}},
			{"check_in", CELL_MOMENT, {{"Came", "Arrivée"}}},
			{"check_out", CELL_MOMENT, {{"Went", "Départ"}}}}},
	{"webhook_delivery",
		{{"Messages about you to other programs",
			"Messages sur vous à d’autres programmes"}},
		{{"name", CELL_PLAIN, {{"Message", "Message"}}},
			{"made", CELL_MOMENT, {{"When", "Quand"}}}}},
};

#define SHEETS (sizeof(sheets) / sizeof(sheets[0]))

struct writing {
	FILE *out;
	enum lq_language language;
};

static const char *tr(const struct writing *w, const char *en, const char *fr)
{
	return w->language == LQ_LANGUAGE_FR ? fr : en;
}

static void put_element(const struct writing *w, const char *element, const char *text)
{
	(void)fprintf(w->out, "<%s>", element);
	lq_html_put(w->out, text);
	(void)fprintf(w->out, "</%s>", element);
}

/* ---- a cell ---- */

static void put_time(const struct writing *w, int64_t unix_ms)
{
	const time_t at = (time_t)(unix_ms / 1000);
	struct tm local;
	char text[48];
	bool french = w->language == LQ_LANGUAGE_FR;
	if (localtime_r(&at, &local) != NULL &&
		(french ? strftime(text, sizeof(text), "%d/%m/%Y %H:%M:%S", &local)
			: strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local)) > 0) {
		(void)fputs(text, w->out);
	}
}

static void put_local(const struct writing *w, int64_t minutes)
{
	const time_t at = (time_t)(minutes * 60);
	struct tm local;
	char text[32];
	bool french = w->language == LQ_LANGUAGE_FR;
	if (gmtime_r(&at, &local) != NULL &&
		(french ? strftime(text, sizeof(text), "%d/%m/%Y %H:%M", &local)
			: strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &local)) > 0) {
		(void)fputs(text, w->out);
	}
}

/* "2026-12-01" */
static void put_date(const struct writing *w, const char *date)
{
	if (w->language == LQ_LANGUAGE_FR && strlen(date) == 10) {
		(void)fprintf(w->out, "%.2s/%.2s/%.4s", date + 8, date + 5, date);
	} else {
		lq_html_put(w->out, date);
	}
}

static const char *kind_of(const struct writing *w, const char *kind)
{
	if (strcmp(kind, "member") == 0) {
		return tr(w, "member", "membre");
	}
	if (strcmp(kind, "guest") == 0) {
		return tr(w, "guest", "invité");
	}
	return strcmp(kind, "staff") == 0 ? tr(w, "staff", "équipe") : kind;
}

static const char *alert_of(const struct writing *w, const char *kind)
{
	if (strcmp(kind, "badge_lost") == 0) {
		return tr(w, "lost badge", "badge perdu");
	}
	if (strcmp(kind, "badge_stolen") == 0) {
		return tr(w, "stolen badge", "badge volé");
	}
	return strcmp(kind, "in_again") == 0 ? tr(w, "in again without out", "entrée sans sortie")
					     : kind;
}

static const char *state_of(const struct writing *w, int64_t state)
{
	static const char *const french[] = {
		[LQ_CREDENTIAL_ENABLED] = "actif",
		[LQ_CREDENTIAL_REVOKED] = "révoqué",
		[LQ_CREDENTIAL_LOST] = "perdu",
		[LQ_CREDENTIAL_SUSPENDED] = "suspendu",
		[LQ_CREDENTIAL_STOLEN] = "volé",
		[LQ_CREDENTIAL_RETURNED] = "rendu",
		[LQ_CREDENTIAL_DAMAGED] = "abîmé",
	};
	if (state < 0 || state >= LQ_CREDENTIAL_STATE_COUNT) {
		return "?";
	}
	return tr(w, lq_credential_state_text((enum lq_credential_state)state), french[state]);
}

static void put_plain(const struct writing *w, const json_t *value)
{
	if (json_is_integer(value)) {
		(void)fprintf(w->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_string(value)) {
		lq_html_put(w->out, json_string_value(value));
	}
}

static void put_number(const struct writing *w, enum cell cell, int64_t number)
{
	switch (cell) {
	case CELL_PERSON:
		(void)fprintf(w->out, "p%" PRId64, number);
		break;
	case CELL_YES_NO:
		(void)fputs(number != 0 ? tr(w, "yes", "oui") : tr(w, "no", "non"), w->out);
		break;
	case CELL_MOMENT:
		if (number != 0) {
			put_time(w, number);
		}
		break;
	case CELL_LOCAL:
		put_local(w, number);
		break;
	case CELL_STATE:
		(void)fputs(state_of(w, number), w->out);
		break;
	case CELL_DIRECTION:
		(void)fputs(number == LQ_DIRECTION_EXIT ? tr(w, "out", "sortie")
							: tr(w, "in", "entrée"),
			w->out);
		break;
	case CELL_HOURS:
		if (number != 0) {
			(void)fprintf(w->out, "%" PRId64, number);
		}
		break;
	case CELL_PLAIN:
	case CELL_DATE:
	case CELL_KIND:
	case CELL_ALERT:
		(void)fprintf(w->out, "%" PRId64, number);
		break;
	}
}

static void put_cell(const struct writing *w, enum cell cell, const json_t *value)
{
	(void)fputs("<td>", w->out);
	if (json_is_integer(value)) {
		put_number(w, cell, json_integer_value(value));
	} else if (json_is_string(value) && cell == CELL_DATE) {
		put_date(w, json_string_value(value));
	} else if (json_is_string(value) && cell == CELL_KIND) {
		lq_html_put(w->out, kind_of(w, json_string_value(value)));
	} else if (json_is_string(value) && cell == CELL_ALERT) {
		lq_html_put(w->out, alert_of(w, json_string_value(value)));
	} else {
		put_plain(w, value);
	}
	(void)fputs("</td>", w->out);
}

/* ---- a table ---- */

static const struct column *column_of(const struct sheet *sheet, const char *key)
{
	for (size_t i = 0; sheet != NULL && i < COLUMNS_MAX && sheet->columns[i].key != NULL; i++) {
		if (strcmp(sheet->columns[i].key, key) == 0) {
			return &sheet->columns[i];
		}
	}
	return NULL;
}

static void put_heads(const struct writing *w, const struct sheet *sheet, json_t *row)
{
	const char *key = NULL;
	json_t *value = NULL;
	(void)fputs("<table><thead><tr>", w->out);
	json_object_foreach(row, key, value)
	{
		const struct column *column = column_of(sheet, key);
		put_element(w, "th", column != NULL ? column->words.name[w->language] : key);
	}
	(void)fputs("</tr></thead><tbody>\n", w->out);
}

static void put_row(const struct writing *w, const struct sheet *sheet, json_t *row)
{
	const char *key = NULL;
	json_t *value = NULL;
	(void)fputs("<tr>", w->out);
	json_object_foreach(row, key, value)
	{
		const struct column *column = column_of(sheet, key);
		put_cell(w, column != NULL ? column->cell : CELL_PLAIN, value);
	}
	(void)fputs("</tr>\n", w->out);
}

/* One row alone is read better from top to bottom. */
static void put_single(const struct writing *w, const struct sheet *sheet, json_t *row)
{
	const char *key = NULL;
	json_t *value = NULL;
	(void)fputs("<table><tbody>\n", w->out);
	json_object_foreach(row, key, value)
	{
		const struct column *column = column_of(sheet, key);
		(void)fputs("<tr>", w->out);
		put_element(w, "th", column != NULL ? column->words.name[w->language] : key);
		put_cell(w, column != NULL ? column->cell : CELL_PLAIN, value);
		(void)fputs("</tr>\n", w->out);
	}
}

static void put_table(
	const struct writing *w, const struct sheet *sheet, const char *key, const json_t *rows)
{
	size_t count = json_array_size(rows);
	(void)fputs("<section>", w->out);
	put_element(w, "h2", sheet != NULL ? sheet->words.name[w->language] : key);
	if (count == 0) {
		put_element(w, "p", tr(w, "Nothing is kept.", "Rien n’est conservé."));
	} else if (count == 1) {
		put_single(w, sheet, json_array_get(rows, 0));
	} else {
		put_heads(w, sheet, json_array_get(rows, 0));
		for (size_t i = 0; i < count; i++) {
			put_row(w, sheet, json_array_get(rows, i));
		}
	}
	(void)fputs(count > 0 ? "</tbody></table></section>\n" : "</section>\n", w->out);
}

/* ---- the page ---- */

static const char *name_of(const json_t *tables)
{
	const json_t *person = json_array_get(json_object_get(tables, "person"), 0);
	const char *name = json_string_value(json_object_get(person, "name"));
	return name != NULL ? name : "";
}

static void put_head(const struct writing *w, const struct lq_law_page *page)
{
	const char *title = tr(w, "What is kept of you here", "Ce qui est conservé sur vous ici");
	(void)fprintf(w->out,
		"<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
		tr(w, "en", "fr"));
	lq_html_put(w->out, title);
	(void)fputs("</title>\n<link rel=\"stylesheet\" href=\"/print.css\"></head>\n"
		    "<body class=\"law\"><main>\n",
		w->out);
	put_element(w, "h1", title);
	(void)fputs("<p><strong>", w->out);
	lq_html_put(w->out, name_of(page->tables));
	(void)fputs("</strong> (", w->out);
	lq_html_put(w->out, page->person);
	(void)fputs(")</p>\n<p>", w->out);
	lq_html_put(w->out, page->space);
	(void)fputs(", ", w->out);
	put_time(w, page->at_ms);
	(void)fputs("</p>\n<p>", w->out);
	(void)fputs(tr(w, "Times are those of ", "Les heures sont celles de "), w->out);
	lq_html_put(w->out, page->time_zone);
	(void)fputs(tr(w, ". What it is kept for, for how long, and what you may ask for: ",
			    ". Pourquoi, pour combien de temps, et ce que vous pouvez demander : "),
		w->out);
	(void)fprintf(w->out, "<a href=\"/notice?lang=%s\">/notice</a></p>\n", tr(w, "en", "fr"));
}

static const struct sheet *sheet_of(const char *key)
{
	for (size_t i = 0; i < SHEETS; i++) {
		if (strcmp(sheets[i].key, key) == 0) {
			return &sheets[i];
		}
	}
	return NULL;
}

static void put_page(const struct writing *w, const struct lq_law_page *page, json_t *tables)
{
	const char *key = NULL;
	json_t *rows = NULL;
	put_head(w, page);
	json_object_foreach(tables, key, rows)
	{
		put_table(w, sheet_of(key), key, rows);
	}
	(void)fputs("</main></body></html>\n", w->out);
}

char *lq_law_page(const struct lq_law_page *page, enum lq_language language)
{
	char *text = NULL;
	size_t length = 0;
	json_t *tables = json_deep_copy(page->tables); /* jansson walks through no constant one */
	struct writing w = {.language = language, .out = open_memstream(&text, &length)};
	bool failed = w.out == NULL || tables == NULL;
	if (!failed) {
		put_page(&w, page, tables);
		failed = ferror(w.out) != 0;
	}
	failed = (w.out != NULL && fclose(w.out) != 0) || failed;
	json_decref(tables);
	if (failed) {
		free(text);
		return NULL;
	}
	return text;
}
