#include "host/office/calendar.h"

#include "firmware/core/err.h"
#include "firmware/core/schedule.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lq_calendar_feed {
	icalcomponent *root;
	char tzid[64]; /* empty: UTC, which has no rules to be told of */
};

/* Under the name that everybody knows, not the library's own. */
static void add_rules(struct lq_calendar_feed *feed, const char *zone, icalcomponent *rules)
{
	icalcomponent *copy = icalcomponent_new_clone(rules);
	icalproperty *tzid = icalcomponent_get_first_property(copy, ICAL_TZID_PROPERTY);
	icalproperty_set_tzid(tzid, zone);
	icalcomponent_add_component(feed->root, copy);
	(void)snprintf(feed->tzid, sizeof(feed->tzid), "%s", zone);
}

int lq_calendar_feed_new(const char *space, const char *zone, struct lq_calendar_feed **ret_feed)
{
	icaltimezone *known = icaltimezone_get_builtin_timezone(zone);
	icalcomponent *rules = known != NULL ? icaltimezone_get_component(known) : NULL;
	struct lq_calendar_feed *feed = calloc(1, sizeof(*feed));
	bool utc = known != NULL && known == icaltimezone_get_utc_timezone();
	if ((rules == NULL && !utc) || feed == NULL) {
		free(feed);
		return feed != NULL ? LQ_ERR_NOT_FOUND : LQ_ERR_NO_MEMORY;
	}
	feed->root = icalcomponent_new_vcalendar();
	icalcomponent_add_property(feed->root, icalproperty_new_version("2.0"));
	icalcomponent_add_property(
		feed->root, icalproperty_new_prodid("-//Loquet//loquet-office//EN"));
	icalproperty *name = icalproperty_new_x(space);
	icalproperty_set_x_name(name, "X-WR-CALNAME");
	icalcomponent_add_property(feed->root, name);
	if (!utc) {
		add_rules(feed, zone, rules);
	}
	*ret_feed = feed;
	return LQ_OK;
}

void lq_calendar_feed_free(struct lq_calendar_feed *feed)
{
	if (feed != NULL) {
		icalcomponent_free(feed->root);
		free(feed);
	}
}

static struct icaltimetype shown(const struct lq_calendar_feed *feed, int64_t minute)
{
	char text[LQ_LOCAL_SIZE];
	char compact[] = "20260326T120000Z";
	lq_local_format(minute, text);
	memcpy(compact, text, 4);
	memcpy(compact + 4, text + 5, 2);
	memcpy(compact + 6, text + 8, 2);
	memcpy(compact + 9, text + 11, 2);
	memcpy(compact + 11, text + 14, 2);
	if (feed->tzid[0] != '\0') {
		compact[strlen(compact) - 1] = '\0';
	}
	return icaltime_from_string(compact);
}

static void add_local(
	const struct lq_calendar_feed *feed, icalcomponent *to, icalproperty *property)
{
	if (feed->tzid[0] != '\0') {
		icalproperty_add_parameter(property, icalparameter_new_tzid(feed->tzid));
	}
	icalcomponent_add_property(to, property);
}

static void add_text(icalcomponent *to, const char *text, icalproperty *(*make)(const char *))
{
	if (text[0] != '\0') {
		icalcomponent_add_property(to, make(text));
	}
}

int lq_calendar_feed_add(struct lq_calendar_feed *feed, const struct lq_calendar_event *event)
{
	char rule[LQ_RECURRENCE_RULE_SIZE];
	icalcomponent *made = icalcomponent_new_vevent();
	if (made == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	icalcomponent_add_property(made, icalproperty_new_uid(event->uid));
	icalcomponent_add_property(made,
		icalproperty_new_dtstamp(icaltime_from_timet_with_zone(
			(time_t)(event->changed_ms / 1000), 0, icaltimezone_get_utc_timezone())));
	icalcomponent_add_property(made, icalproperty_new_sequence((int)event->revision));
	add_local(feed, made, icalproperty_new_dtstart(shown(feed, event->when.from)));
	add_local(feed, made, icalproperty_new_dtend(shown(feed, event->when.to)));
	lq_recurrence_feed_rule(&event->when, rule);
	if (rule[0] != '\0') {
		icalcomponent_add_property(
			made, icalproperty_new_rrule(icalrecurrencetype_from_string(rule)));
	}
	for (size_t i = 0; i < event->when.left_out_count; i++) {
		int64_t at = event->left_out[i] * (int64_t)LQ_DAY_MINUTES +
			     event->when.from % (int64_t)LQ_DAY_MINUTES;
		add_local(feed, made, icalproperty_new_exdate(shown(feed, at)));
	}
	add_text(made, event->title, icalproperty_new_summary);
	add_text(made, event->description, icalproperty_new_description);
	add_text(made, event->place, icalproperty_new_location);
	icalcomponent_add_component(feed->root, made);
	return LQ_OK;
}

int lq_calendar_feed_text(const struct lq_calendar_feed *feed, char **ret_text)
{
	char *text = icalcomponent_as_ical_string_r(feed->root);
	if (text == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	char *copy = strdup(text);
	icalmemory_free_buffer(text);
	if (copy == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	*ret_text = copy;
	return LQ_OK;
}
