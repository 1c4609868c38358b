#include "firmware/config/complain.h"
#include "firmware/config/parsing.h"
#include "firmware/core/err.h"
#include "hal/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void lq_config_error_print(
	const char *path, const struct lq_config_error *error, char *ret_text, size_t size)
{
	if (error->line == 0) {
		(void)snprintf(ret_text, size, lq_in(error->language, "%s: %s", "%s : %s"), path,
			error->message);
	} else {
		(void)snprintf(ret_text, size, "%s:%zu: %s", path, error->line, error->message);
	}
}

/* The C library speaks English here; what is usual is said in French, too. */
static const char *reason_of(int number, enum lq_language language)
{
	const char *en = strerror(number);
	switch (number) {
	case ENOENT:
		return lq_in(language, en, "aucun fichier de ce nom");
	case EACCES:
		return lq_in(language, en, "accès refusé");
	case EIO:
		return lq_in(language, en, "erreur d’entrée-sortie");
	default:
		return en;
	}
}

static int cannot_open(struct lq_config_error *error, int number)
{
	(void)lq_complain(error, 0, "it cannot be opened: %s", "ouverture impossible : %s",
		reason_of(number, error->language));
	return number == ENOENT ? LQ_ERR_NOT_FOUND : LQ_ERR_IO;
}

static int cannot_read(struct lq_config_error *error, int number)
{
	(void)lq_complain(error, 0, "it cannot be read: %s", "lecture impossible : %s",
		reason_of(number, error->language));
	return LQ_ERR_IO;
}

/* Bytes read, at most `size`. */
static ssize_t read_all(int fd, char *out, size_t size)
{
	size_t length = 0;
	while (length < size) {
		ssize_t got = read(fd, out + length, size - length);
		if (got == 0) {
			break;
		}
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return -1;
		}
		length += (size_t)got;
	}
	return (ssize_t)length;
}

/* What stands in the file, and what the machine has of it. */
static int take(const char *text, size_t length, struct lq_speech speech,
	struct lq_config *ret_config, struct lq_config_error *ret_error)
{
	struct lq_parsing parsing;
	lq_parsing_begin(&parsing, speech, ret_error);
	int result = lq_parsing_run(&parsing, text, length);
	if (result < 0) {
		return result;
	}
	const char *zone = parsing.config.time_zone;
	if (!lq_zone_known(zone)) {
		return lq_complain(ret_error,
			lq_parsing_line(&parsing, LQ_SECTION_controller, 0, "time_zone"),
			"time_zone = %s is not in the time zone database (tzdata)",
			"time_zone = %s n’est pas dans la base des fuseaux (tzdata)",
			lq_quote(lq_span_of(zone)).text);
	}
	*ret_config = parsing.config;
	return LQ_OK;
}

static int load_open_file(int fd, struct lq_speech speech, struct lq_config *ret_config,
	struct lq_config_error *ret_error)
{
	struct stat status;
	if (fstat(fd, &status) < 0) {
		return cannot_read(ret_error, errno);
	}
	if (!S_ISREG(status.st_mode)) {
		(void)lq_complain(ret_error, 0, "it is not a regular file",
			"ce n’est pas un fichier ordinaire");
		return LQ_ERR_IO;
	}
	char text[LQ_CONFIG_SIZE_MAX + 1];
	ssize_t length = read_all(fd, text, sizeof(text));
	if (length < 0) {
		return cannot_read(ret_error, errno);
	}
	if ((size_t)length > LQ_CONFIG_SIZE_MAX) {
		(void)lq_complain(ret_error, 0, "it is longer than %u bytes",
			"le fichier dépasse %u octets", LQ_CONFIG_SIZE_MAX);
		return LQ_ERR_FULL;
	}
	return take(text, (size_t)length, speech, ret_config, ret_error);
}

int lq_config_load(const char *path, struct lq_speech speech, struct lq_config *ret_config,
	struct lq_config_error *ret_error)
{
	ret_error->language = speech.language;
	/* Not blocking: a FIFO of that name must not hold up the start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		return cannot_open(ret_error, errno);
	}
	int result = load_open_file(fd, speech, ret_config, ret_error);
	close(fd);
	return result;
}
