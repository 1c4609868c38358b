#include "host/office/roster_limits.h"

#include <string.h>

struct counts {
	size_t profiles;
	size_t schedules;
	size_t groups;
	size_t days;
};

static bool begins(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

/* Dates of a group stand together. */
static bool same_group(const char *line, const char *before)
{
	size_t skip = strlen("special\t");
	return before != NULL && begins(before, "special\t") &&
	       strncmp(line, before, skip + strcspn(line + skip, "\t") + 1) == 0;
}

static void count(struct counts *counts, const char *line, const char *before)
{
	if (begins(line, "profile\t")) {
		counts->profiles++;
	} else if (begins(line, "schedule\t")) {
		counts->schedules++;
	} else if (begins(line, "special\t")) {
		counts->days++;
		counts->groups += same_group(line, before) ? 0 : 1;
	}
}

bool lq_roster_fits(const struct lq_part *rules)
{
	struct counts counts = {0};
	const char *before = NULL;
	for (const char *line = rules->text; line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');
		count(&counts, line, before);
		before = line;
		line = end != NULL ? end + 1 : NULL;
	}
	return counts.profiles <= LQ_ROSTER_PROFILES_MAX &&
	       counts.schedules <= LQ_ROSTER_SCHEDULES_MAX &&
	       counts.groups <= LQ_ROSTER_GROUPS_MAX && counts.days <= LQ_ROSTER_DAYS_MAX;
}
