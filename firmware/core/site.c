#include "firmware/core/site.h"

#include "firmware/core/assert.h"

#include <stddef.h>
#include <string.h>

void lq_access_point_name(
	const struct lq_site *site, uint16_t access_point, char ret_name[LQ_ACCESS_POINT_NAME_SIZE])
{
	LQ_ASSERT(access_point / 2u < site->door_count);
	const char *const pieces[] = {
		site->doors[access_point / 2u], access_point % 2u == 0 ? "/entry" : "/exit"};
	char *out = ret_name;
	for (size_t i = 0; i < 2; i++) {
		for (const char *in = pieces[i]; *in != '\0'; in++) {
			*out++ = *in;
		}
	}
	*out = '\0';
}

uint16_t lq_zone_find(const struct lq_site *site, const char *name)
{
	for (uint16_t i = 0; i < site->door_count; i++) {
		if (strcmp(site->zones[i], name) == 0) {
			return i;
		}
	}
	return LQ_NONE;
}

uint16_t lq_zone_of(const struct lq_site *site, uint16_t door)
{
	LQ_ASSERT(door < site->door_count);
	return lq_zone_find(site, site->zones[door]);
}

bool lq_zone_exit_badged(const struct lq_site *site, uint16_t zone)
{
	for (uint16_t i = 0; i < site->reader_count; i++) {
		const struct lq_site_reader *reader = &site->readers[i];
		if (reader->direction == LQ_DIRECTION_EXIT &&
			lq_zone_of(site, reader->door) == zone) {
			return true;
		}
	}
	return false;
}
