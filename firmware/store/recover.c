/* door.db when all may not be well with it: damaged, missing, on a full disk, left in the middle of
 * a recovery by a power cut, or taken away while it is in use.
 *
 * A damaged file is replaced in this order, so that every step can be the last: door.db.new is made
 * whole; door.db and its companions are renamed; door.db.new becomes door.db. While door.db stands,
 * door.db.new counts for nothing; when it is gone, door.db.new is complete. */
#include "firmware/core/err.h"
#include "firmware/store/folder.h"
#include "firmware/store/store_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 224u
#define ASIDE_MAX 100
#define MS_PER_S  1000

static const char *const companions[] = {"", "-wal", "-shm"};

struct opening {
	const char *folder;
	const struct lq_site *site;
	const struct lq_keys *keys;
	struct lq_wall now;
	bool is_new;     /* the controller has had no journal yet */
	uint64_t second; /* the present one, as a number that no journal has reached */
	char path[PATH_SIZE];
	char fresh[PATH_SIZE + 8];
};

static uint64_t later(uint64_t a, int64_t b)
{
	return b > 0 && (uint64_t)b > a ? (uint64_t)b : a;
}

/* A journal has less than a row a second, taken over the years: it began at 1 or at such a second.
 * A board without a clock may believe in 1970; its files remember better. */
static int begin(struct opening *opening)
{
	char log[PATH_SIZE + 8];
	int length = snprintf(
		opening->path, sizeof(opening->path), "%s/%s", opening->folder, LQ_STORE_FILE);
	if (length < 0 || (size_t)length >= sizeof(opening->path)) {
		return LQ_ERR_INVALID;
	}
	(void)snprintf(opening->fresh, sizeof(opening->fresh), "%s.new", opening->path);
	(void)snprintf(log, sizeof(log), "%s-wal", opening->path);
	opening->second = later(0, opening->now.unix_ms / 1000);
	opening->second = later(opening->second, lq_changed_s(opening->folder));
	opening->second = later(opening->second, lq_changed_s(opening->path));
	opening->second = later(opening->second, lq_changed_s(log));
	return LQ_OK;
}

/* Numbers are never used twice, or subscribers would drop the new events as known. A damaged file
 * may show less than it once held. Inside a transaction that the caller began. */
static int restart_journal(const struct opening *opening, struct lq_store *store,
	const struct lq_head *last, const char *why, struct lq_head *ret_head)
{
	struct lq_wall at = opening->now;
	struct lq_head head = {.seq = last->seq > opening->second ? last->seq : opening->second};
	at.unix_ms = last->unix_ms > at.unix_ms ? last->unix_ms : at.unix_ms;
	struct lq_event event = lq_event_make(LQ_EVENT_JOURNAL_RESTARTED, at);
	lq_event_set_text(&event, why);
	int r = lq_journal_append(store, &event, &head);
	if (r == LQ_OK) {
		*ret_head = head;
	}
	return r;
}

/* ---- replacing a damaged file ---- */

static void remove_fresh(const struct opening *opening)
{
	char journal[PATH_SIZE + 24];
	(void)snprintf(journal, sizeof(journal), "%s-journal", opening->fresh);
	(void)unlink(opening->fresh);
	(void)unlink(journal);
}

static int fill_fresh(const struct opening *opening, struct lq_store *store, bool foreign,
	struct lq_salvaged *ret_salvaged)
{
	struct lq_head head;
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = foreign ? LQ_OK : lq_salvage(store, opening->path, ret_salvaged);
	if (r == LQ_OK) {
		r = restart_journal(opening, store, &ret_salvaged->head,
			foreign ? "door.db was another program's and set aside"
				: "door.db was damaged and set aside",
			&head);
	}
	return lq_store_end(store, r);
}

/* Makes door.db.new. Without a write-ahead log, it is one file. */
static int make_fresh(const struct opening *opening, struct lq_store_report *report)
{
	struct lq_store *store = NULL;
	struct lq_salvaged salvaged = {0};
	char damage[sizeof(report->problem)];
	bool foreign = report->foreign;
	memcpy(damage, report->problem, sizeof(damage));
	remove_fresh(opening);
	int r = lq_store_open_file(
		opening->fresh, "DELETE", opening->site, opening->keys, &store, report);
	if (r == LQ_OK) {
		r = fill_fresh(opening, store, foreign, &salvaged);
		(void)snprintf(report->problem, sizeof(report->problem), "%.160s",
			r == LQ_OK ? damage : lq_store_error(store));
	}
	lq_store_close(store);
	if (r != LQ_OK) {
		remove_fresh(opening);
		return r;
	}
	report->salvaged = salvaged.badges;
	report->foreign = foreign;
	return lq_folder_sync(opening->folder);
}

static bool name_is_free(const char *aside)
{
	for (size_t i = 0; i < 3; i++) {
		char path[PATH_SIZE + 48];
		(void)snprintf(path, sizeof(path), "%s%s", aside, companions[i]);
		if (access(path, F_OK) == 0) {
			return false;
		}
	}
	return true;
}

/* Renames door.db and its companions, as far as they are there. */
static int set_aside(const struct opening *opening, char ret_path[256])
{
	char aside[PATH_SIZE + 32];
	int number = 0;
	do {
		(void)snprintf(aside, sizeof(aside), "%s.damaged-%llu", opening->path,
			(unsigned long long)opening->second + (unsigned)number);
	} while (!name_is_free(aside) && ++number < ASIDE_MAX);
	if (number == ASIDE_MAX) {
		return LQ_ERR_EXISTS;
	}
	for (size_t i = 0; i < 3; i++) {
		char from[PATH_SIZE + 8];
		char to[PATH_SIZE + 48];
		(void)snprintf(from, sizeof(from), "%s%s", opening->path, companions[i]);
		(void)snprintf(to, sizeof(to), "%s%s", aside, companions[i]);
		if (rename(from, to) != 0 && errno != ENOENT) {
			return LQ_ERR_IO;
		}
	}
	(void)snprintf(ret_path, 256, "%s", aside);
	return lq_folder_sync(opening->folder);
}

static int adopt_fresh(const struct opening *opening)
{
	return rename(opening->fresh, opening->path) == 0 ? lq_folder_sync(opening->folder)
							  : LQ_ERR_IO;
}

static int open_it(
	const struct opening *opening, struct lq_store **ret_store, struct lq_store_report *report)
{
	return lq_store_open_file(
		opening->path, "WAL", opening->site, opening->keys, ret_store, report);
}

/* What the report says of the old file stays. */
static int open_adopted(
	const struct opening *opening, struct lq_store **ret_store, struct lq_store_report *report)
{
	bool foreign = report->foreign;
	int r = open_it(opening, ret_store, report);
	report->foreign = foreign;
	return r;
}

static int replace(
	const struct opening *opening, struct lq_store **ret_store, struct lq_store_report *report)
{
	int r = make_fresh(opening, report);
	if (r == LQ_OK) {
		r = set_aside(opening, report->set_aside);
	}
	if (r == LQ_OK) {
		r = adopt_fresh(opening);
	}
	return r == LQ_OK ? open_adopted(opening, ret_store, report) : r;
}

/* ---- what was set aside ---- */

/* Its number when `name` is that of a file which was set aside; 0: it is not. */
static uint64_t aside_number(const char *name)
{
	static const char begin[] = LQ_STORE_FILE ".damaged-";
	char *end = NULL;
	if (strncmp(name, begin, sizeof(begin) - 1) != 0) {
		return 0;
	}
	uint64_t number = strtoull(name + sizeof(begin) - 1, &end, 10);
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(end, companions[i]) == 0) {
			return number;
		}
	}
	return 0;
}

int lq_store_forget_aside(struct lq_store *store, uint64_t first_seq, int64_t before_ms)
{
	const char *path = sqlite3_db_filename(store->db, "main");
	const char *name = strrchr(path, '/');
	char folder[PATH_SIZE];
	int r = LQ_OK;
	(void)snprintf(folder, sizeof(folder), "%.*s", name == NULL ? 0 : (int)(name - path), path);
	DIR *entries = opendir(folder);
	if (entries == NULL) {
		return LQ_ERR_IO;
	}
	for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
		struct stat found;
		uint64_t number = aside_number(entry->d_name);
		if (number == 0 || number > first_seq ||
			fstatat(dirfd(entries), entry->d_name, &found, 0) != 0 ||
			(int64_t)found.st_mtime * MS_PER_S >= before_ms) {
			continue;
		}
		r = unlinkat(dirfd(entries), entry->d_name, 0) == 0 ? r : LQ_ERR_IO;
	}
	(void)closedir(entries);
	return r;
}

/* ---- a file that was taken away ---- */

static bool is_elsewhere(struct lq_store *store)
{
	int moved = 0;
	return sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) ==
		       SQLITE_OK &&
	       moved != 0;
}

/* Who else opens the file would use companions of its own. */
static bool has_lost_companions(struct lq_store *store)
{
	const char *path = sqlite3_db_filename(store->db, "main");
	for (size_t i = 0; i < 3 && store->logged; i++) {
		char companion[2 * PATH_SIZE];
		(void)snprintf(companion, sizeof(companion), "%s%s", path, companions[i]);
		if (access(companion, F_OK) != 0 && errno == ENOENT) {
			return true;
		}
	}
	return false;
}

static int sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	int r = fsync(fd) == 0 ? LQ_OK : LQ_ERR_IO;
	(void)close(fd);
	return r;
}

/* SQLite still holds the file, and reads all of it. */
static int copy_out(const struct opening *opening, struct lq_store *store)
{
	char path[PATH_SIZE + 16];
	sqlite3_stmt *statement = NULL;
	(void)snprintf(path, sizeof(path), "%s.copy", opening->path);
	(void)unlink(path);
	int r = lq_store_prepare(store, "VACUUM INTO ?1", &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
	if (r == LQ_OK) {
		r = sync_file(path);
	}
	if (r == LQ_OK && rename(path, opening->fresh) != 0) {
		r = LQ_ERR_IO;
	}
	if (r != LQ_OK) {
		(void)unlink(path);
		return r;
	}
	return lq_folder_sync(opening->folder);
}

static int put_back(struct lq_store *store)
{
	char folder[PATH_SIZE];
	char aside[256];
	struct opening opening = {.folder = folder};
	const char *path = sqlite3_db_filename(store->db, "main");
	const char *name = strrchr(path, '/');
	if (name == NULL || strlen(path) >= sizeof(folder)) {
		return LQ_ERR_INVALID;
	}
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(name - path), path);
	(void)snprintf(opening.path, sizeof(opening.path), "%s", path);
	(void)snprintf(opening.fresh, sizeof(opening.fresh), "%s.new", path);
	opening.second = later(0, lq_changed_s(folder));
	bool replaced = access(path, F_OK) == 0;
	int r = copy_out(&opening, store);
	if (r == LQ_OK) {
		r = set_aside(&opening, aside);
	}
	if (r == LQ_OK) {
		r = adopt_fresh(&opening);
	}
	if (r == LQ_OK) {
		(void)snprintf(store->error, sizeof(store->error),
			replaced ? "door.db was replaced while in use: written again, the other is "
				   "door.db%s"
				 : "door.db was taken away while in use: written again",
			replaced ? aside + strlen(path) : "");
	}
	return r;
}

int lq_store_keep_place(struct lq_store *store)
{
	int r = LQ_OK;
	if (is_elsewhere(store)) {
		r = put_back(store);
	} else if (has_lost_companions(store)) {
		/* Closing copies the log into the file, opening makes another. */
		(void)snprintf(store->error, sizeof(store->error),
			"door.db-wal or door.db-shm was taken away while in use: made again");
	} else {
		return LQ_OK;
	}
	return r == LQ_OK ? LQ_ERR_CLOSED : r;
}

/* ---- opening ---- */

/* A power cut may have left a recovery half done. */
static int finish_recovery(const struct opening *opening)
{
	char aside[256];
	if (access(opening->fresh, F_OK) != 0) {
		return LQ_OK;
	}
	if (access(opening->path, F_OK) == 0) {
		remove_fresh(opening);
		return LQ_OK;
	}
	int r = set_aside(opening, aside); /* the companions, which must not meet the new file */
	return r == LQ_OK ? adopt_fresh(opening) : r;
}

static int restart_if_lost(
	const struct opening *opening, struct lq_store *store, struct lq_store_report *report)
{
	const struct lq_head nothing = {0};
	struct lq_head head;
	if (store->head.seq != 0 || opening->is_new) {
		return LQ_OK;
	}
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_store_end(store,
		restart_journal(opening, store, &nothing, "door.db was missing or empty", &head));
	if (r == LQ_OK) {
		store->head = head;
		report->lost = true;
	}
	return r;
}

static int open_or_recover(
	struct opening *opening, struct lq_store **ret_store, struct lq_store_report *report)
{
	struct lq_store *store = NULL;
	int r = finish_recovery(opening);
	if (r == LQ_OK) {
		r = open_it(opening, &store, report);
	}
	if (r == LQ_ERR_CORRUPT) {
		r = replace(opening, &store, report);
	} else if (r == LQ_OK) {
		r = restart_if_lost(opening, store, report);
	}
	if (r != LQ_OK) {
		lq_store_close(store);
		return r;
	}
	*ret_store = store;
	return LQ_OK;
}

int lq_store_open(const char *folder, const struct lq_site *site, const struct lq_keys *keys,
	struct lq_wall now, struct lq_store **ret_store, struct lq_store_report *ret_report)
{
	struct opening opening = {
		.folder = folder, .site = site, .keys = keys, .now = now, .is_new = keys->made};
	memset(ret_report, 0, sizeof(*ret_report));
	int r = begin(&opening);
	return r == LQ_OK ? open_or_recover(&opening, ret_store, ret_report) : r;
}

int lq_store_replace(const char *folder, const struct lq_site *site, const struct lq_keys *keys,
	struct lq_wall now, struct lq_store **ret_store, struct lq_store_report *ret_report)
{
	struct opening opening = {.folder = folder, .site = site, .keys = keys, .now = now};
	memset(ret_report, 0, sizeof(*ret_report));
	int r = begin(&opening);
	if (r == LQ_OK && access(opening.path, F_OK) != 0) {
		/* An earlier try came so far, or somebody took the file away. */
		return open_or_recover(&opening, ret_store, ret_report);
	}
	(void)snprintf(ret_report->problem, sizeof(ret_report->problem), "it showed while in use");
	return r == LQ_OK ? replace(&opening, ret_store, ret_report) : r;
}

int lq_store_open_frozen(
	const char *folder, const struct lq_site *site, struct lq_store **ret_store)
{
	const struct lq_keys no_keys = {.made = true};
	struct opening opening = {.folder = folder};
	struct lq_salvaged salvaged = {0};
	struct lq_store_report report;
	struct lq_store *store = NULL;
	int r = begin(&opening);
	if (r == LQ_OK) {
		r = lq_store_open_file(":memory:", "MEMORY", site, &no_keys, &store, &report);
	}
	if (r == LQ_OK) {
		r = lq_store_begin(store);
	}
	if (r == LQ_OK) {
		r = lq_store_end(store, lq_salvage(store, opening.path, &salvaged));
	}
	if (r != LQ_OK) {
		lq_store_close(store);
		return r;
	}
	store->head = salvaged.head;
	*ret_store = store;
	return LQ_OK;
}
