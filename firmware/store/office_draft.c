#include "firmware/store/office_draft.h"

#include "firmware/core/err.h"
#include "firmware/store/office_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS        (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)
#define PERSONS_MAX  1000000u
#define PROFILES_MAX (LQ_RULES_MAX - 1u)

/* ---- its life ---- */

static int map(int fd, struct lq_office_draft *draft)
{
	struct stat found;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &found) != 0) {
		return LQ_ERR_INVALID;
	}
	if (found.st_size > (off_t)LQ_OFFICE_BYTES_MAX) {
		return LQ_ERR_FULL;
	}
	if (found.st_size == 0) {
		return LQ_OK;
	}
	void *mapped = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped == MAP_FAILED) {
		return LQ_ERR_NO_MEMORY;
	}
	draft->bytes = mapped;
	draft->length = (size_t)found.st_size;
	return LQ_OK;
}

int lq_office_draft_new(
	const struct lq_office_manifest *manifest, int fd, struct lq_office_draft **ret_draft)
{
	struct lq_office_draft *draft = calloc(1, sizeof(*draft));
	int r = draft == NULL ? LQ_ERR_NO_MEMORY : fd < 0 ? LQ_OK : map(fd, draft);
	if (fd >= 0) {
		(void)close(fd);
	}
	if (r == LQ_OK) {
		draft->manifest = *manifest;
		draft->profiles = calloc(PROFILES_MAX, sizeof(*draft->profiles));
		r = draft->profiles == NULL ? LQ_ERR_NO_MEMORY : lq_roster_new(&draft->roster);
	}
	if (r != LQ_OK) {
		lq_office_draft_free(draft);
		return r;
	}
	*ret_draft = draft;
	return LQ_OK;
}

void lq_office_draft_free(struct lq_office_draft *draft)
{
	if (draft == NULL) {
		return;
	}
	if (draft->length > 0) {
		(void)munmap(draft->bytes, draft->length);
	}
	lq_roster_free(draft->roster);
	lq_roster_free(draft->fresh);
	lq_rule_tables_free(draft->tables);
	free(draft->persons);
	free(draft->profiles);
	free(draft->numbers);
	free(draft->made);
	free(draft->order);
	free(draft);
}

const struct lq_office_manifest *lq_office_draft_manifest(const struct lq_office_draft *draft)
{
	return &draft->manifest;
}

bool lq_office_draft_covers(const struct lq_office_draft *draft, uint16_t part)
{
	return draft->has[part] || lq_office_part_empty(&draft->manifest, part);
}

/* ---- reading ---- */

static int find_profile(struct lq_office_draft *draft, const char *name, uint16_t *ret_profile)
{
	for (uint16_t i = draft->profile_count; i > 0; i--) {
		if (strcmp(draft->profiles[i - 1], name) == 0) {
			*ret_profile = (uint16_t)(i - 1);
			return LQ_OK;
		}
	}
	if (draft->profile_count == PROFILES_MAX) {
		return LQ_ERR_INVALID;
	}
	memcpy(draft->profiles[draft->profile_count], name, strlen(name) + 1);
	*ret_profile = draft->profile_count++;
	return LQ_OK;
}

static int room_for_person(struct lq_office_draft *draft)
{
	if (draft->person_count < draft->person_room) {
		return LQ_OK;
	}
	if (draft->person_room >= PERSONS_MAX) {
		return LQ_ERR_INVALID;
	}
	uint32_t room = draft->person_room == 0 ? 512 : 2 * draft->person_room;
	struct lq_office_person *grown = realloc(draft->persons, room * sizeof(*grown));
	if (grown == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	draft->persons = grown;
	draft->person_room = room;
	return LQ_OK;
}

static int take_person(struct lq_office_draft *draft, const struct lq_office_line *line)
{
	struct lq_office_person person = {
		.number = line->badge.holder,
		.enabled = line->badge.holder_enabled,
		.any_time = line->badge.any_time,
		.extended_time = line->badge.extended_time,
	};
	int r = find_profile(draft, line->name, &person.profile);
	if (r == LQ_OK) {
		r = room_for_person(draft);
	}
	if (r == LQ_OK) {
		draft->persons[draft->person_count++] = person;
	}
	return r;
}

static int take_badge(struct lq_office_draft *draft, const struct lq_office_line *line)
{
	struct lq_credential badge = line->badge;
	badge.profile = draft->persons[draft->person_count - 1].profile;
	if (lq_roster_find(draft->roster, badge.key) != NULL) {
		return LQ_ERR_INVALID;
	}
	return lq_roster_put(draft->roster, &badge);
}

static int take_line(struct lq_office_draft *draft, const struct lq_office_line *line)
{
	uint16_t profile = 0;
	switch (line->kind) {
	case LQ_OFFICE_PROFILE:
	case LQ_OFFICE_POLICY:
		return find_profile(draft, line->name, &profile);
	case LQ_OFFICE_PERSON:
		return take_person(draft, line);
	case LQ_OFFICE_BADGE:
		return take_badge(draft, line);
	case LQ_OFFICE_SCHEDULE:
	case LQ_OFFICE_SPECIAL:
	case LQ_OFFICE_SCHEDULE_SPECIAL:
	case LQ_OFFICE_HOURS:
		break;
	}
	return LQ_OK;
}

static int read_lines(
	struct lq_office_draft *draft, uint16_t part, const char *bytes, size_t length)
{
	struct lq_office_text text = lq_office_text_begin(part, bytes, length);
	struct lq_office_line line;
	int r = 0;
	while ((r = lq_office_text_next(&text, &line)) == 1) {
		r = take_line(draft, &line);
		if (r != LQ_OK) {
			return r;
		}
	}
	return r;
}

int lq_office_draft_read(struct lq_office_draft *draft)
{
	struct lq_office_piece piece;
	uint8_t hash[LQ_HASH_SIZE];
	size_t left = draft->length - draft->at;
	if (left == 0) {
		return LQ_OK;
	}
	if (left < sizeof(piece)) {
		return LQ_ERR_CORRUPT;
	}
	memcpy(&piece, draft->bytes + draft->at, sizeof(piece));
	const char *bytes = draft->bytes + draft->at + sizeof(piece);
	if (piece.part >= LQ_OFFICE_PARTS || piece.length > left - sizeof(piece) ||
		piece.length > LQ_OFFICE_PART_MAX || draft->has[piece.part]) {
		return LQ_ERR_CORRUPT;
	}
	lq_hash(bytes, piece.length, hash);
	if (memcmp(hash, draft->manifest.hashes[piece.part], sizeof(hash)) != 0) {
		return LQ_ERR_CORRUPT;
	}
	int r = read_lines(draft, (uint16_t)piece.part, bytes, piece.length);
	if (r != LQ_OK) {
		return r;
	}
	if (piece.part == LQ_OFFICE_RULES) {
		draft->rules = bytes;
		draft->rules_length = piece.length;
	}
	draft->has[piece.part] = true;
	draft->at += sizeof(piece) + piece.length;
	return draft->at < draft->length;
}

/* ---- what takes a right away ---- */

static uint32_t sooner(uint32_t one, uint32_t other)
{
	return one < other ? one : other;
}

static void meet_state(struct lq_credential *old, const struct lq_credential *fresh)
{
	if (fresh->state == LQ_CREDENTIAL_ENABLED) {
		return;
	}
	bool both = old->state == LQ_CREDENTIAL_SUSPENDED && fresh->state == old->state;
	if (both && (old->suspended_until_s == 0 ||
			    (fresh->suspended_until_s != 0 &&
				    fresh->suspended_until_s < old->suspended_until_s))) {
		return;
	}
	old->state = fresh->state;
	old->suspended_until_s = fresh->suspended_until_s;
}

/* No more than either of them gives. `old` may have been spent from. */
static void meet(struct lq_credential *old, const struct lq_credential *fresh, uint16_t profile)
{
	meet_state(old, fresh);
	old->holder_enabled = old->holder_enabled && fresh->holder_enabled;
	old->any_time = old->any_time && fresh->any_time;
	old->profile = profile;
	old->valid_from_s =
		old->valid_from_s > fresh->valid_from_s ? old->valid_from_s : fresh->valid_from_s;
	old->valid_to_s = sooner(old->valid_to_s, fresh->valid_to_s);
	if (fresh->counted) {
		uint32_t left =
			old->counted ? sooner(old->uses_left, fresh->uses_left) : fresh->uses_left;
		old->counted = true;
		old->uses_left = (uint16_t)left;
	}
}

static void deny_one(const struct lq_office_draft *draft, const struct lq_rule_tables *rules,
	struct lq_roster *roster, const struct lq_credential *credential)
{
	struct lq_credential old = *credential;
	const struct lq_credential *fresh = lq_roster_find(draft->roster, old.key);
	if (fresh == NULL || fresh->holder != old.holder) {
		old.state = LQ_CREDENTIAL_REVOKED;
	} else {
		meet(&old, fresh, lq_rule_tables_profile(rules, draft->profiles[fresh->profile]));
	}
	(void)lq_roster_put(roster, &old); /* in its own place: nothing can fail */
}

void lq_office_draft_deny(const struct lq_office_draft *draft,
	const struct lq_office_manifest *before, bool whole, const struct lq_rule_tables *rules,
	struct lq_roster *roster)
{
	bool concerned[LQ_OFFICE_PARTS];
	for (uint16_t i = 0; i < LQ_OFFICE_PARTS; i++) {
		concerned[i] = whole || (lq_office_draft_covers(draft, i) &&
						!lq_office_part_same(&draft->manifest, before, i));
	}
	for (size_t i = 0; i < lq_roster_count(roster); i++) {
		const struct lq_credential *credential = lq_roster_at(roster, i);
		if (concerned[lq_office_part_of(credential->holder)]) {
			deny_one(draft, rules, roster, credential);
		}
	}
}
