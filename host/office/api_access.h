/* The accounts of people, the tokens of programs, and the audit. */
#ifndef LQ_OFFICE_API_ACCESS_H
#define LQ_OFFICE_API_ACCESS_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_accounts[];
extern const size_t lq_routes_accounts_count;
extern const struct lq_route lq_routes_tokens[];
extern const size_t lq_routes_tokens_count;
extern const struct lq_route lq_routes_audit[];
extern const size_t lq_routes_audit_count;
extern const struct lq_route lq_routes_settings[];
extern const size_t lq_routes_settings_count;

#endif
