#include "firmware/core/site.h"

#include "firmware/core/assert.h"

#include <stddef.h>

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
