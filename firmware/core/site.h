/* The names of one controller's world. Everything else refers to them by index. */
#ifndef LQ_CORE_SITE_H
#define LQ_CORE_SITE_H

#include <stdbool.h>
#include <stdint.h>

#define LQ_NAME_SIZE   33u /* 32 characters of [a-z0-9_-] and the terminator */
#define LQ_DOORS_MAX   8u
#define LQ_READERS_MAX 16u
#define LQ_NONE        UINT16_MAX

enum lq_direction { LQ_DIRECTION_ENTRY, LQ_DIRECTION_EXIT };

/* A reader stands at one access point: one direction through one door. */
struct lq_site_reader {
	char name[LQ_NAME_SIZE];
	uint16_t door;
	enum lq_direction direction;
};

struct lq_site {
	char space[LQ_NAME_SIZE];
	char controller[LQ_NAME_SIZE];
	uint16_t door_count;
	uint16_t reader_count;
	char doors[LQ_DOORS_MAX][LQ_NAME_SIZE];
	char zones[LQ_DOORS_MAX][LQ_NAME_SIZE]; /* what lies behind each door; several share one */
	struct lq_site_reader readers[LQ_READERS_MAX];
};

/* An access point's number: two for each door. */
static inline uint16_t lq_access_point(uint16_t door, enum lq_direction direction)
{
	return (uint16_t)(door * 2u + (direction == LQ_DIRECTION_EXIT ? 1u : 0u));
}

static inline enum lq_direction lq_access_point_direction(uint16_t access_point)
{
	return access_point % 2u == 0 ? LQ_DIRECTION_ENTRY : LQ_DIRECTION_EXIT;
}

#define LQ_ACCESS_POINT_NAME_SIZE (LQ_NAME_SIZE + sizeof("/entry"))
#define LQ_ACCESS_POINTS_MAX      (LQ_DOORS_MAX * 2u)

/* "<door>/entry" or "<door>/exit". */
void lq_access_point_name(const struct lq_site *site, uint16_t access_point,
	char ret_name[LQ_ACCESS_POINT_NAME_SIZE]);

/* The number of the zone behind a door: the first door that leads into it. */
uint16_t lq_zone_of(const struct lq_site *site, uint16_t door);

/* A zone's number by its name; LQ_NONE when no door leads into it. */
uint16_t lq_zone_find(const struct lq_site *site, const char *name);

/* A reader for the exit stands at one of its doors: who leaves can say so. */
bool lq_zone_exit_badged(const struct lq_site *site, uint16_t zone);

#endif
