/* Signed commands once they are read, and the rules by which they are taken or refused. The first
 * checks, of form and signature, are made where they are read (firmware/door/order_token.h). Pure.
 */
#ifndef LQ_CORE_ORDER_H
#define LQ_CORE_ORDER_H

#include "firmware/core/door_mode.h"
#include "firmware/core/reason.h"
#include "firmware/core/site.h"
#include "firmware/core/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lq_order_kind {
#define ORDER(id, word, door, needs, may) LQ_ORDER_##id,
#include "firmware/core/order.def"
#undef ORDER
	LQ_ORDER_COUNT
};

enum lq_refusal {
#define REFUSAL(id, word, en, fr) LQ_REFUSAL_##id,
#include "firmware/core/order.def"
#undef REFUSAL
	LQ_REFUSAL_COUNT /* none: it is taken */
};

enum lq_argument_index {
#define ARGUMENT(id, word) LQ_ARGUMENT_INDEX_##id,
#include "firmware/core/order.def"
#undef ARGUMENT
	LQ_ARGUMENT_COUNT
};

/* A bit each, as a set. */
enum lq_argument {
#define ARGUMENT(id, word) LQ_ARGUMENT_##id = 1 << LQ_ARGUMENT_INDEX_##id,
#include "firmware/core/order.def"
#undef ARGUMENT
};

#define LQ_ORDER_TOKEN_MAX     2048u /* bytes, signed and encoded */
#define LQ_ORDER_WINDOW_S      300
#define LQ_ORDER_NONCE_MIN     16u
#define LQ_ORDER_NONCE_SIZE    65u /* 64 characters of [A-Za-z0-9_-] and the terminator */
#define LQ_ORDER_SIGNERS_MAX   16u
#define LQ_ORDER_NONCES_MAX    256u
#define LQ_ENROL_TIMEOUT_S     30
#define LQ_ENROL_TIMEOUT_S_MAX 600

/* Whose commands are taken, and which. */
struct lq_signer {
	char name[LQ_NAME_SIZE];
	uint8_t key[32];   /* Ed25519 public key */
	uint32_t commands; /* 1 << enum lq_order_kind */
	uint32_t doors;    /* 1 << door; UINT32_MAX: all, and what concerns no single door */
};

/* What is not `given` is 0. */
struct lq_order_arguments {
	unsigned given; /* of enum lq_argument */
	uint64_t from;  /* from 1 */
	bool extended;
	enum lq_door_mode mode;
	uint32_t member;           /* from 1 */
	uint32_t timeout_s;        /* 1 to LQ_ENROL_TIMEOUT_S_MAX */
	bool unless_refusing;      /* a door that lets nobody in stays so */
	char reader[LQ_NAME_SIZE]; /* one of the door's; empty: any */
};

/* As it was signed; absent texts are empty. */
struct lq_order {
	char audience[2 * LQ_NAME_SIZE]; /* <space>/<controller> */
	char command[LQ_NAME_SIZE];
	char door[LQ_NAME_SIZE];
	char nonce[LQ_ORDER_NONCE_SIZE];
	int64_t not_before_s;
	int64_t expires_s;
	struct lq_order_arguments arguments;
};

/* What it comes to on this controller. */
struct lq_order_target {
	enum lq_order_kind kind;
	uint16_t door; /* LQ_NONE: no single one */
};

/* A nonce that was used, until its command has expired. */
struct lq_nonce {
	char signer[LQ_NAME_SIZE];
	char nonce[LQ_ORDER_NONCE_SIZE];
	int64_t expires_s;
};

struct lq_nonces {
	size_t count;
	struct lq_nonce items[LQ_ORDER_NONCES_MAX];
};

/* Static texts. */
const char *lq_order_word(enum lq_order_kind kind);
const char *lq_refusal_word(enum lq_refusal refusal);
const char *lq_refusal_text(enum lq_refusal refusal, enum lq_language language);
/* LQ_ORDER_COUNT when there is none of that name. */
enum lq_order_kind lq_order_find(const char *word, size_t length);

/* What a command has to say, and may. */
struct lq_order_form {
	bool door;
	unsigned needs; /* of enum lq_argument */
	unsigned may;   /* besides */
};
struct lq_order_form lq_order_form(enum lq_order_kind kind);
/* Static text. */
const char *lq_argument_word(enum lq_argument_index index);

/* LQ_REFUSAL_COUNT, with `ret_target` written, when nothing speaks against it but perhaps its
 * nonce. */
enum lq_refusal lq_order_judge(const struct lq_order *order, const struct lq_signer *signer,
	const struct lq_site *site, enum lq_trust trust_min, struct lq_wall now,
	struct lq_order_target *ret_target);

/* Forgets what has expired, then remembers: LQ_REFUSAL_REPLAYED, LQ_REFUSAL_TOO_MANY or
 * LQ_REFUSAL_COUNT. */
enum lq_refusal lq_nonces_spend(
	struct lq_nonces *nonces, const struct lq_nonce *nonce, struct lq_wall now);

#endif
