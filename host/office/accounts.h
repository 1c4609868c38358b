/* The accounts of those who use the page. */
#ifndef LQ_OFFICE_ACCOUNTS_H
#define LQ_OFFICE_ACCOUNTS_H

#include "host/office/api.h"
#include "host/office/password.h"

#define LQ_ACCOUNT_NAME_SIZE (LQ_NAME_SIZE)
#define LQ_ACCOUNT_ROLE_SIZE 16u

struct lq_account {
	int64_t id;
	char name[LQ_ACCOUNT_NAME_SIZE];
	char role[LQ_ACCOUNT_ROLE_SIZE];
	char language[8]; /* "en" or "fr" */
	struct lq_password password;
};

/* "operator", "manager", "auditor", NULL; and "en", "fr", NULL: by enum lq_language. */
extern const char *const lq_account_roles[];
extern const char *const lq_account_languages[];

/* LQ_ERR_NOT_FOUND. */
int lq_account_by_name(struct lq_db *db, const char *name, struct lq_account *ret_account);
int lq_account_by_id(struct lq_db *db, int64_t id, struct lq_account *ret_account);

/* Adds it under a new id. LQ_ERR_EXISTS: the name is taken. */
int lq_account_add(
	struct lq_db *db, const struct lq_account *account, int64_t now_ms, int64_t *ret_id);

/* Whoever was logged in by the old password is not by the new one. */
int lq_account_set_password(struct lq_db *db, int64_t id, const struct lq_password *password);

int lq_account_count(struct lq_db *db, int64_t *ret_count);

#endif
