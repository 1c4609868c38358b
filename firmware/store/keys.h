/* The controller's own keys: an Ed25519 key that signs checkpoints and a secret under which UIDs
 * are hashed. Two files in the state folder, mode 0600, made at the first start. */
#ifndef LQ_STORE_KEYS_H
#define LQ_STORE_KEYS_H

#include "hal/entropy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lq_keys {
	uint8_t sign_seed[32]; /* Ed25519 private key (RFC 8032) */
	uint8_t sign_public[32];
	uint8_t uid_secret[32];
	bool made;     /* controller.key was made by this call: the controller is new */
	bool stand_in; /* there is no controller.key: the key lasts for the run */
	bool blind;    /* there is no uid_secret: no badge's hash can be told */
};

/* Loads <folder>/controller.key and <folder>/uid.key (64 hexadecimal digits each) and makes them
 * when there are none; a first start that was cut short is finished. LQ_ERR_CORRUPT when a file
 * holds anything else, or cannot be read any more, LQ_ERR_NOT_FOUND when uid.key alone is missing:
 * nothing is written then. */
int lq_keys_load(const char *folder, const struct lq_entropy *entropy, struct lq_keys *ret_keys);

/* What is left of them when lq_keys_load() finds one lost or damaged, so that the door can still be
 * opened by those who will mend it: without uid.key the keys are blind, in place of controller.key
 * a key is made that lasts until the program ends. Writes nothing. LQ_ERR_IO. */
int lq_keys_load_rest(
	const char *folder, const struct lq_entropy *entropy, struct lq_keys *ret_keys);

/* A key of somebody who signs commands, in a file of its own: 64 hexadecimal digits, mode 0600. No
 * file is written over: LQ_ERR_EXISTS. LQ_ERR_IO leaves no file. */
int lq_keys_make_signer(const char *path, const struct lq_entropy *entropy, uint8_t ret_public[32]);

/* Fills the signing half of `ret_keys`. LQ_ERR_NOT_FOUND, LQ_ERR_IO, or LQ_ERR_CORRUPT when the
 * file holds anything else. */
int lq_keys_load_signer(const char *path, struct lq_keys *ret_keys);

/* Only the public half, from <folder>/controller.pub, which lq_keys_load() keeps up to date and
 * everybody may read. */
int lq_keys_load_public(const char *folder, uint8_t ret_public[32]);

/* Overwrites. */
void lq_keys_wipe(struct lq_keys *keys);

/* Ed25519. LQ_ERR_IO when libcrypto fails. */
int lq_keys_sign(const struct lq_keys *keys, const uint8_t *message, size_t length,
	uint8_t ret_signature[64]);

/* LQ_OK when the signature holds, LQ_ERR_CORRUPT when it does not. */
int lq_keys_verify(const uint8_t public_key[32], const uint8_t *message, size_t length,
	const uint8_t signature[64]);

#endif
