/* What a call of the office's interface is handed and what it answers. Handlers run on the office's
 * one thread, inside a transaction that the server begins and, by the answer's status, commits or
 * takes back: an answer of 400 or more changes nothing, but for the audit (refusals.h). */
#ifndef LQ_OFFICE_API_H
#define LQ_OFFICE_API_H

#include "firmware/config/config.h"
#include "host/office/db.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_API_PARAMETERS_MAX 3u

/* What somebody may do; a session has those of its role, a token those it was made with. */
enum lq_scope {
	LQ_SCOPE_NOBODY,  /* no proof is asked for: the public board, logging in */
	LQ_SCOPE_NOW,     /* who is in, doors, alarms */
	LQ_SCOPE_DOORS,   /* open, modes */
	LQ_SCOPE_PEOPLE,  /* members, badges, visitors, rules */
	LQ_SCOPE_HISTORY, /* visits of the past, of a person; corrections. Looking is audited */
	LQ_SCOPE_FIGURES, /* counts */
	LQ_SCOPE_AUDIT,   /* who did or looked at what */
	LQ_SCOPE_SETTINGS,
	LQ_SCOPES
};

struct lq_caller {
	int64_t account;  /* 0: a token, or nobody */
	const char *name; /* for the audit: "accueil", "token:billing"; "" is nobody */
	uint32_t scopes;  /* bits 1 << enum lq_scope */
};

struct lq_query;    /* router.h */
struct lq_exchange; /* serve.h */

struct lq_request {
	struct lq_db *db;
	const struct lq_config *config;
	int64_t now_ms; /* Unix */
	struct lq_caller caller;
	enum lq_language language;
	const char *parameters[LQ_API_PARAMETERS_MAX]; /* of the path, in order; decoded */
	const struct lq_query *query;
	const json_t *body; /* of application/json; NULL: none */
	const char *text;   /* of any other type, NUL behind it; NULL: none */
	size_t text_length;
	void *office; /* struct lq_office (office.h): what lies outside of the database; NULL in
			 tests */
	const struct lq_exchange *exchange; /* as it came over the network; NULL in tests */
};

struct lq_answer {
	int status;   /* 0: 200 with `json`, 204 without anything */
	json_t *json; /* released by the server */
	char *text;   /* in place of `json`: malloc'ed, released by the server */
	size_t text_length;
	const char *type;       /* of `text` */
	char location[96];      /* 201 */
	char filename[64];      /* to be saved under this name; empty: to be shown */
	char cookie[160];       /* of Set-Cookie; empty: none */
	uint32_t retry_after_s; /* 429; 0: nothing is said of it */
	bool stream;            /* goes on as a stream of events */
	bool keep;              /* what was written stays, although it is a refusal */
};

/* The value of a key of the query string, decoded; NULL when it is not there. */
const char *lq_query_value(const struct lq_query *query, const char *key);

/* Fills in a problem of RFC 9457 in the caller's language and returns `status`. `word` is stable
 * and ends the problem's type; `pointer` names what of the body or query is wrong, or is NULL. */
int lq_problem(const struct lq_request *request, struct lq_answer *answer, int status,
	const char *word, const char *pointer, const char *en, const char *fr);

/* The database failed: 503 and, in the log, why. */
int lq_problem_db(const struct lq_request *request, struct lq_answer *answer, int error);

/* Notes who did or looked at what: `act` a stable word ("visit.correct"), `object` what it
 * concerned
 * ("person/12"), `reason` as given or "". LQ_OK or an error of the database. */
int lq_audit(
	const struct lq_request *request, const char *act, const char *object, const char *reason);

/* Notes a look at a list that an open page loads again and again: once in ten minutes. */
int lq_audit_look(const struct lq_request *request, const char *act, const char *object);

/* Tells open pages that something changed: "now", "doors", "people", "visits" …. Sent once the
 * transaction is committed. */
void lq_announce(const struct lq_request *request, const char *topic);

typedef int lq_handler(const struct lq_request *request, struct lq_answer *answer);

/* A row of the interface. The path begins with /; parts of it in {} are parameters, {id}.ics is one
 * with a suffix. */
struct lq_route {
	const char *method;
	const char *path;
	enum lq_scope scope;
	lq_handler *handler;
};

#endif
