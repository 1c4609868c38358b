/* What the members of boards that keep their own rosters are called here. */
#ifndef LQ_OFFICE_API_BOARD_MEMBERS_H
#define LQ_OFFICE_API_BOARD_MEMBERS_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_board_members[];
extern const size_t lq_routes_board_members_count;

lq_handler lq_api_board_members_name;

#endif
