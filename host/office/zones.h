/* The zones of the space. */
#ifndef LQ_OFFICE_ZONES_H
#define LQ_OFFICE_ZONES_H

#include "firmware/config/config.h"
#include "host/office/db.h"
#include "host/office/doors.h"

#include <jansson.h>

/* The names of those to which a door of this configuration or of another controller leads, that
 * somebody ever came into, or that have limits: each once, in order. `doors` may be NULL. New
 * reference. LQ_ERR_NO_MEMORY or an error of the database. */
int lq_zones_list(struct lq_db *db, const struct lq_config *config, const struct lq_doors *doors,
	json_t **ret_names);

#endif
