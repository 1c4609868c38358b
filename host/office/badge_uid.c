#include "host/office/badge_uid.h"

#include "firmware/core/err.h"
#include "firmware/store/roster.h"
#include "hal/linux/linux_entropy.h"

int lq_badge_uid_keys(const struct lq_config *config, struct lq_keys *ret_keys)
{
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_keys keys = {0};
	int r = lq_keys_load_rest(config->state_dir, &entropy, &keys);
	r = r == LQ_OK && keys.blind ? LQ_ERR_NOT_FOUND : r;
	if (r == LQ_OK) {
		*ret_keys = keys;
	}
	lq_keys_wipe(&keys);
	return r;
}

int lq_badge_uid_key(
	const struct lq_config *config, const uint8_t *uid, size_t length, uint8_t ret_key[16])
{
	struct lq_keys keys = {0};
	int r = lq_badge_uid_keys(config, &keys);
	r = r == LQ_OK ? lq_uid_key(&keys, uid, length, ret_key) : r;
	lq_keys_wipe(&keys);
	return r;
}

int lq_badge_no_uid_key(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_problem(request, answer, 409, "no_uid_key", "/uid",
		"uid.key of the space is not in state_dir here: copy it from a door, or "
		"present the badge at one",
		"uid.key de l’espace n’est pas dans state_dir ici : la copier d’une porte, "
		"ou y présenter le badge");
}
