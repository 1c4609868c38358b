#include "host/office/visit_id.h"

#include "firmware/core/err.h"
#include "host/office/body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lq_visit_id_text(const struct lq_visit_row *row, char ret_text[LQ_VISIT_ID_SIZE])
{
	char person[LQ_PERSON_TEXT_SIZE];
	lq_person_text(row->realm, row->holder, person);
	char *slash = strchr(person, '/');
	if (slash != NULL) {
		*slash = '.';
	}
	(void)snprintf(ret_text, LQ_VISIT_ID_SIZE, "%s.%s.%" PRId64, person, row->zone,
		row->badges.began_ms);
}

/* Cuts the last part of `text` off. NULL: there is one alone. */
static char *cut(char *text)
{
	char *dot = strrchr(text, '.');
	if (dot == NULL) {
		return NULL;
	}
	*dot = '\0';
	return dot + 1;
}

int lq_visit_id_parse(const char *text, struct lq_visit_id *ret_id)
{
	char parts[LQ_VISIT_ID_SIZE];
	struct lq_visit_id id = {0};
	int length = snprintf(parts, sizeof(parts), "%s", text);
	char *began = length > 0 && (size_t)length < sizeof(parts) ? cut(parts) : NULL;
	char *zone = began != NULL ? cut(parts) : NULL;
	if (zone == NULL || !lq_is_name(zone) || strchr(parts, '/') != NULL || *began < '1' ||
		strlen(began) > 15 || began[strspn(began, "0123456789")] != '\0') {
		return LQ_ERR_INVALID;
	}
	char *dot = strchr(parts, '.');
	if (dot != NULL) {
		*dot = '/';
	}
	id.began_ms = strtoll(began, NULL, 10);
	(void)snprintf(id.zone, sizeof(id.zone), "%s", zone);
	int r = lq_person_parse(parts, &id.who);
	if (r == LQ_OK) {
		*ret_id = id;
	}
	return r;
}
