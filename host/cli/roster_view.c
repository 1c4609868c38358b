#include "host/cli/roster_view.h"

#include "firmware/core/err.h"
#include "firmware/store/office.h"
#include "host/cli/words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static int open_failed(const struct lq_cli *cli, int err)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/%s", cli->config.state_dir, LQ_STORE_FILE);
	if (access(path, R_OK) != 0 && errno == EACCES) {
		return lq_fail(cli, LQ_EXIT_IO, "io",
			lq_tr(cli,
				"may not read %s (permission denied); run it as root or join its "
				"group",
				"pas le droit de lire %s ; lancer en root ou rejoindre son groupe"),
			path);
	}
	if (err == LQ_ERR_NOT_FOUND) {
		return lq_fail(cli, LQ_EXIT_IO, "not_found",
			lq_tr(cli,
				"there is no %s yet; loquetd makes it when it first starts: "
				"systemctl "
				"start loquetd",
				"%s n’existe pas encore ; loquetd le crée à son premier démarrage "
				": "
				"systemctl start loquetd"),
			path);
	}
	if (err == LQ_ERR_UNSUPPORTED) {
		return lq_fail(cli, LQ_EXIT_IO, "unsupported",
			lq_tr(cli,
				"%s was written by another version; use the loquet of that version",
				"%s a été écrit par une autre version ; utiliser le loquet de "
				"celle-ci"),
			path);
	}
	return lq_fail(cli, LQ_EXIT_IO, err == LQ_ERR_CORRUPT ? "damaged" : "io",
		lq_tr(cli, "cannot read %s: %s", "impossible de lire %s : %s"), path,
		lq_err_text(err));
}

int lq_view_open(const struct lq_cli *cli, struct lq_store **ret_store)
{
	int r = lq_cli_need_config(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	r = lq_store_open_readonly(cli->config.state_dir, ret_store);
	return r == LQ_OK ? LQ_EXIT_OK : open_failed(cli, r);
}

int lq_view_fail(const struct lq_cli *cli, struct lq_store *store, int err)
{
	return lq_fail(cli, LQ_EXIT_IO, err == LQ_ERR_CORRUPT ? "damaged" : "io",
		lq_tr(cli, "reading %s/%s failed: %s", "lecture de %s/%s impossible : %s"),
		cli->config.state_dir, LQ_STORE_FILE, lq_store_error(store));
}

int lq_view_end_list(
	const struct lq_cli *cli, struct lq_store *store, struct lq_table *table, int r)
{
	if (r < 0) {
		r = lq_view_fail(cli, store, r);
	} else if (r == LQ_EXIT_OK && !cli->line.json) {
		lq_table_print(table, "", stdout);
	}
	lq_table_free(table);
	lq_store_close(store);
	return r;
}

#define CANDIDATES_MAX 16u

struct search {
	const char *name;
	uint32_t found[CANDIDATES_MAX];
	size_t count; /* may exceed CANDIDATES_MAX */
};

static int compare_member(void *ctx, const struct lq_member *member)
{
	struct search *search = ctx;
	if (strcmp(member->name, search->name) == 0) {
		if (search->count < CANDIDATES_MAX) {
			search->found[search->count] = member->id;
		}
		search->count++;
	}
	return 0;
}

static int report_ambiguous(const struct lq_cli *cli, const struct search *search)
{
	char list[CANDIDATES_MAX * sizeof(", m4294967295") + sizeof(", …")] = "";
	size_t length = 0;
	for (size_t i = 0; i < search->count && i < CANDIDATES_MAX; i++) {
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%sm%" PRIu32,
			i == 0 ? "" : ", ", search->found[i]);
	}
	(void)snprintf(list + length, sizeof(list) - length, "%s",
		search->count > CANDIDATES_MAX ? ", …" : "");
	return lq_fail(cli, LQ_EXIT_REFUSED, "ambiguous",
		lq_tr(cli, "%zu members are called '%s': %s; say the number of the one you mean",
			"%zu membres s’appellent « %s » : %s ; donner le numéro de celui visé"),
		search->count, search->name, list);
}

static int find_by_name(const struct lq_cli *cli, const char *name, uint32_t *ret_member)
{
	struct lq_store *store = NULL;
	struct search search = {.name = name};
	int r = lq_view_open(cli, &store);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	int err = lq_member_list(store, compare_member, &search);
	if (err != LQ_OK) {
		r = lq_view_fail(cli, store, err);
	} else if (search.count == 0) {
		r = lq_fail(cli, LQ_EXIT_REFUSED, "not_found",
			lq_tr(cli, "no member is called '%s'; see: loquet member list",
				"aucun membre ne s’appelle « %s » ; voir : loquet member list"),
			name);
	} else if (search.count > 1) {
		r = report_ambiguous(cli, &search);
	} else {
		*ret_member = search.found[0];
	}
	lq_store_close(store);
	return r;
}

int lq_view_find_member(const struct lq_cli *cli, const char *text, uint32_t *ret_member)
{
	if (lq_word_roster_id(text, 'm', ret_member) == LQ_OK ||
		lq_word_roster_id(text, 'p', ret_member) == LQ_OK) {
		return LQ_EXIT_OK;
	}
	return find_by_name(cli, text, ret_member);
}

int lq_view_find_badge(const struct lq_cli *cli, const char *text, uint32_t *ret_badge)
{
	if (lq_word_roster_id(text, 'c', ret_badge) == LQ_OK) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "usage", "%s",
		lq_tr(cli, "a badge is a number, like 5 or c5; see: loquet badge list",
			"un badge est un numéro, comme 5 ou c5 ; voir : loquet badge list"));
}

int lq_view_get_member(
	const struct lq_cli *cli, struct lq_store *store, uint32_t id, struct lq_member *ret_member)
{
	int err = lq_member_get(store, id, ret_member);
	if (err == LQ_ERR_NOT_FOUND) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "not_found",
			lq_tr(cli, "there is no member m%" PRIu32 "; see: loquet member list",
				"il n’y a pas de membre m%" PRIu32 " ; voir : loquet member list"),
			id);
	}
	return err == LQ_OK ? LQ_EXIT_OK : lq_view_fail(cli, store, err);
}

void lq_view_member_name(
	struct lq_store *store, uint32_t member, char ret_name[LQ_MEMBER_NAME_SIZE])
{
	struct lq_member found;
	ret_name[0] = '\0';
	if (store != NULL && lq_member_get(store, member, &found) == LQ_OK) {
		memcpy(ret_name, found.name, sizeof(found.name));
	}
}

char lq_view_letter(struct lq_store *store)
{
	struct lq_office_kept kept;
	bool office = store != NULL && lq_office_load(store, &kept) == LQ_OK && kept.kept;
	return office ? 'p' : 'm';
}
