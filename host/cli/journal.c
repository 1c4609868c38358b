#include "firmware/core/err.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/event_line.h"
#include "host/cli/roster_view.h"
#include "host/cli/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LIST_ROWS_DEFAULT 50u
#define LIST_ROWS_MAX     1000000u

/* ---- list ---- */

struct list {
	const struct lq_cli *cli;
	struct lq_store *names; /* reading a member would end the life of a row's body */
	const char *type;       /* NULL: every type */
	uint64_t limit;         /* 0: none */
	uint64_t shown;
	uint64_t *ring; /* the last `limit` numbers that matched */
};

/* "access", "access.granted" and "org.loquet.access.granted.v1" all mean an access.granted. */
static bool type_matches(const char *type, const char *wanted)
{
	static const char prefix[] = "org.loquet.";
	if (type == NULL) {
		return false;
	}
	if (strcmp(type, wanted) == 0) {
		return true;
	}
	size_t skip = strlen(prefix);
	size_t length = strlen(wanted);
	return strncmp(type, prefix, skip) == 0 && strncmp(type + skip, wanted, length) == 0 &&
	       type[skip + length] == '.';
}

static bool row_matches(const struct list *list, const json_t *event)
{
	return list->type == NULL ||
	       type_matches(json_string_value(json_object_get(event, "type")), list->type);
}

static json_t *parse_body(const struct lq_row *row)
{
	return row->body_length == 0 ? NULL : json_loadb(row->body, row->body_length, 0, NULL);
}

/* The body goes out as it was recorded. */
static void print_row_json(const struct lq_row *row, const json_t *event)
{
	if (event != NULL) {
		(void)printf("{\"seq\":%" PRIu64 ",\"event\":%.*s}\n", row->seq,
			(int)row->body_length, row->body);
	} else {
		(void)printf("{\"seq\":%" PRIu64 ",\"%s\":true}\n", row->seq,
			row->body_length == 0 ? "purged" : "damaged");
	}
}

static void print_row(const struct list *list, const struct lq_row *row, const json_t *event)
{
	if (list->cli->line.json) {
		print_row_json(row, event);
	} else if (event != NULL) {
		lq_event_line_print(list->cli, list->names, row->seq, event);
	} else {
		lq_say(stdout, "%6" PRIu64 "  %s", row->seq,
			row->body_length == 0 ? lq_tr(list->cli, "(purged)", "(purgée)")
					      : lq_tr(list->cli, "(damaged: see journal verify)",
							"(abîmée : voir journal verify)"));
	}
}

static int list_row(void *ctx, const struct lq_row *row)
{
	struct list *list = ctx;
	json_t *event = parse_body(row);
	if (row_matches(list, event)) {
		print_row(list, row, event);
		list->shown++;
	}
	json_decref(event);
	return list->limit != 0 && list->shown == list->limit ? 1 : 0;
}

static int remember_row(void *ctx, const struct lq_row *row)
{
	struct list *list = ctx;
	json_t *event = parse_body(row);
	if (row_matches(list, event)) {
		list->ring[list->shown++ % list->limit] = row->seq;
	}
	json_decref(event);
	return 0;
}

/* Looks at every row. */
static int search_start(struct lq_store *store, struct list *list, uint64_t *ret_from)
{
	list->ring = calloc(list->limit, sizeof(*list->ring));
	if (list->ring == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int r = lq_store_read(store, 0, 0, remember_row, list);
	*ret_from = list->shown > list->limit ? list->ring[list->shown % list->limit] : 0;
	list->shown = 0;
	free(list->ring);
	list->ring = NULL;
	return r;
}

/* Where the last `limit` rows of the wanted type begin. */
static int find_start(struct lq_store *store, struct list *list, uint64_t *ret_from)
{
	struct lq_head head;
	if (list->limit == 0) {
		*ret_from = 0;
		return LQ_OK;
	}
	if (list->type == NULL) {
		int r = lq_store_head(store, &head);
		if (r == LQ_OK) {
			*ret_from = head.seq > list->limit ? head.seq - list->limit + 1 : 0;
		}
		if (r != LQ_ERR_CORRUPT) {
			return r;
		}
		/* A tail that does not hold can still be looked at. */
	}
	return search_start(store, list, ret_from);
}

static bool is_type(const char *text)
{
	char full[64];
	for (int i = 0; i < LQ_EVENT_COUNT; i++) {
		(void)snprintf(full, sizeof(full), "org.loquet.%s.v1",
			lq_event_name((enum lq_event_type)i));
		if (type_matches(full, text)) {
			return true;
		}
	}
	return false;
}

static int read_number(const struct lq_cli *cli, const char *option, uint64_t minimum,
	uint64_t maximum, uint64_t *number)
{
	const char *text = lq_option_value(&cli->line, option);
	if (text == NULL || lq_word_number(text, minimum, maximum, number) == LQ_OK) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
		lq_tr(cli, "--%s: '%s' is no number from %" PRIu64 " to %" PRIu64,
			"--%s : « %s » n’est pas un nombre de %" PRIu64 " à %" PRIu64),
		option, text, minimum, maximum);
}

static int read_list_options(const struct lq_cli *cli, struct list *list, uint64_t *from)
{
	int r = read_number(cli, "from", 1, INT64_MAX, from);
	if (r == LQ_EXIT_OK) {
		r = read_number(cli, "limit", 0, LIST_ROWS_MAX, &list->limit);
	}
	if (r == LQ_EXIT_OK && list->type != NULL && !is_type(list->type)) {
		r = lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "--type: there are no events '%s'; see loquet-events(7)",
				"--type : il n’y a pas d’événements « %s » ; voir "
				"loquet-events(7)"),
			list->type);
	}
	return r;
}

static int list_rows(const struct lq_cli *cli, struct list *list, uint64_t from)
{
	struct lq_store *store = NULL;
	int r = lq_view_open(cli, &store);
	if (r == LQ_EXIT_OK && !cli->line.json) {
		r = lq_view_open(cli, &list->names);
	}
	if (r != LQ_EXIT_OK) {
		lq_store_close(store);
		return r;
	}
	int err = from == 0 ? find_start(store, list, &from) : LQ_OK;
	if (err == LQ_OK) {
		err = lq_store_read(store, from, 0, list_row, list);
	}
	if (err < 0) {
		r = lq_view_fail(cli, store, err);
	}
	lq_store_close(list->names);
	lq_store_close(store);
	return r;
}

int lq_run_journal_list(const struct lq_cli *cli)
{
	uint64_t from = 0;
	struct list list = {
		.cli = cli,
		.type = lq_option_value(&cli->line, "type"),
		.limit = LIST_ROWS_DEFAULT,
	};
	int r = read_list_options(cli, &list, &from);
	return r == LQ_EXIT_OK ? list_rows(cli, &list, from) : r;
}

/* ---- verify ---- */

static int print_verdict_json(
	const struct lq_cli *cli, const struct lq_verdict *verdict, bool holds)
{
	json_t *answer = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I}", "holds", (int)holds, "rows",
		(json_int_t)verdict->rows, "first", (json_int_t)verdict->first_seq, "last",
		(json_int_t)verdict->last_seq, "signatures", (json_int_t)verdict->checkpoints,
		"signed_up_to", (json_int_t)verdict->signed_seq);
	if (!holds) {
		(void)json_object_set_new(
			answer, "bad", json_integer((json_int_t)verdict->bad_seq));
		(void)json_object_set_new(answer, "problem", lq_json_foreign(verdict->problem));
	}
	return lq_print_json(cli, answer);
}

static void print_coverage(const struct lq_cli *cli, const struct lq_verdict *verdict)
{
	lq_say(stdout,
		lq_tr(cli, "chain   rows %" PRIu64 " to %" PRIu64 " hold",
			"chaîne  les lignes %" PRIu64 " à %" PRIu64 " se tiennent"),
		verdict->first_seq, verdict->last_seq);
	if (verdict->checkpoints == 0) {
		lq_say(stdout, "%s",
			lq_tr(cli,
				"signed  nothing yet: the chain alone does not prove who wrote it",
				"signé   rien encore : la chaîne seule ne prouve pas qui l’a "
				"écrite"));
		return;
	}
	lq_say(stdout,
		lq_tr(cli,
			"signed  rows %" PRIu64 " to %" PRIu64
			" are proven unchanged; signatures of this controller: %" PRIu64,
			"signé   lignes %" PRIu64 " à %" PRIu64
			" : inchangées, c’est prouvé ; signatures de ce contrôleur : %" PRIu64),
		verdict->first_seq, verdict->signed_seq, verdict->checkpoints);
	if (verdict->signed_seq < verdict->last_seq) {
		lq_say(stdout,
			lq_tr(cli, "open    rows %" PRIu64 " to %" PRIu64 " are not signed yet",
				"ouvert  lignes %" PRIu64 " à %" PRIu64 " pas encore signées"),
			verdict->signed_seq + 1, verdict->last_seq);
	}
}

static int report_verdict(const struct lq_cli *cli, const struct lq_verdict *verdict, bool holds)
{
	if (cli->line.json) {
		int r = print_verdict_json(cli, verdict, holds);
		return r == LQ_EXIT_OK && !holds ? LQ_EXIT_REFUSED : r;
	}
	if (verdict->rows > 0) {
		print_coverage(cli, verdict);
	} else if (holds) {
		lq_say(stdout, "%s", lq_tr(cli, "the journal is empty", "le journal est vide"));
	}
	if (holds) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_REFUSED, "does_not_hold",
		lq_tr(cli, "row %" PRIu64 " of %s/%s does not hold: %s; keep the file as evidence",
			"la ligne %" PRIu64 " de %s/%s ne tient pas : %s ; garder le fichier comme "
			"preuve"),
		verdict->bad_seq, cli->config.state_dir, LQ_STORE_FILE, verdict->problem);
}

int lq_run_journal_verify(const struct lq_cli *cli)
{
	uint8_t public_key[32];
	struct lq_verdict verdict = {0};
	struct lq_store *store = NULL;
	int r = lq_view_open(cli, &store);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	int err = lq_keys_load_public(cli->config.state_dir, public_key);
	if (err != LQ_OK) {
		lq_store_close(store);
		return lq_fail(cli, LQ_EXIT_IO, "io",
			lq_tr(cli, "cannot read the controller's key %s/controller.pub: %s",
				"impossible de lire la clé du contrôleur %s/controller.pub : %s"),
			cli->config.state_dir, lq_err_text(err));
	}
	struct lq_site site = lq_config_site(&cli->config);
	err = lq_store_verify(store, &site, public_key, &verdict);
	bool damaged = err == LQ_ERR_CORRUPT && verdict.bad_seq == 0;
	if (damaged || (err != LQ_OK && err != LQ_ERR_CORRUPT)) {
		r = lq_view_fail(cli, store, err);
	} else {
		r = report_verdict(cli, &verdict, err == LQ_OK);
	}
	lq_store_close(store);
	return r;
}

/* ---- export ---- */

struct export
{
	FILE *out;
	bool proof;
};

static void put_hex(FILE *out, const char *key, const uint8_t hash[LQ_HASH_SIZE])
{
	(void)fprintf(out, ",\"%s\":\"", key);
	for (size_t i = 0; i < LQ_HASH_SIZE; i++) {
		(void)fprintf(out, "%02x", hash[i]);
	}
	(void)fputc('"', out);
}

/* The body as a string: what a reader decodes are the bytes that were hashed. */
static void export_proof(FILE *out, const struct lq_row *row)
{
	json_t *body =
		row->body_length == 0 ? json_null() : json_stringn(row->body, row->body_length);
	(void)fprintf(out, "{\"seq\":%" PRIu64, row->seq);
	put_hex(out, "body_hash", row->body_hash);
	put_hex(out, "hash", row->hash);
	(void)fputs(",\"body\":", out);
	if (body != NULL) {
		(void)json_dumpf(body, out, JSON_ENCODE_ANY);
	} else {
		(void)fputs("null,\"damaged\":true", out);
	}
	(void)fputs("}\n", out);
	json_decref(body);
}

static int export_row(void *ctx, const struct lq_row *row)
{
	const struct export *export = ctx;
	if (export->proof) {
		export_proof(export->out, row);
	} else if (row->body_length != 0) {
		(void)fwrite(row->body, 1, row->body_length, export->out);
		(void)fputc('\n', export->out);
	}
	return ferror(export->out) != 0 ? 1 : 0;
}

static int write_failed(const struct lq_cli *cli, const char *path, int error)
{
	return lq_fail(cli, LQ_EXIT_IO, "io",
		lq_tr(cli, "cannot write %s: %s", "impossible d’écrire %s : %s"), path,
		strerror(error)); // NOLINT(concurrency-mt-unsafe): one thread
}

static int export_rows(const struct lq_cli *cli, struct export *export, uint64_t from)
{
	const char *path = lq_option_value(&cli->line, "to-file");
	struct lq_store *store = NULL;
	int r = lq_view_open(cli, &store);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	export->out = path != NULL ? fopen(path, "we") : stdout;
	if (export->out == NULL) {
		r = write_failed(cli, path, errno);
		lq_store_close(store);
		return r;
	}
	int err = lq_store_read(store, from, 0, export_row, export);
	if (err < 0) {
		r = lq_view_fail(cli, store, err);
	}
	/* Standard output is looked at in main(). */
	if (path != NULL) {
		bool failed = ferror(export->out) != 0;
		failed = fclose(export->out) != 0 || failed;
		r = failed ? write_failed(cli, path, errno) : r;
	}
	lq_store_close(store);
	return r;
}

int lq_run_journal_export(const struct lq_cli *cli)
{
	uint64_t from = 0;
	struct export export = {.proof = lq_option_given(&cli->line, "proof")};
	int r = read_number(cli, "from", 1, INT64_MAX, &from);
	return r == LQ_EXIT_OK ? export_rows(cli, &export, from) : r;
}

/* ---- replay ---- */

int lq_run_journal_replay(const struct lq_cli *cli)
{
	uint64_t from = 0;
	json_t *answer = NULL;
	int r = read_number(cli, "from", 1, INT64_MAX, &from);
	if (r == LQ_EXIT_OK) {
		r = lq_control_call(cli,
			json_pack("{s:s, s:I}", "do", "journal.replay", "from", (json_int_t)from),
			&answer);
	}
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli, answer);
	}
	json_decref(answer);
	lq_say(stdout,
		lq_tr(cli, "the link publishes again from row %" PRIu64 " on",
			"la liaison republie à partir de la ligne %" PRIu64),
		from);
	return LQ_EXIT_OK;
}
