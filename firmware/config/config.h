/* loquet.conf: the one file that configures every program of a controller. The keys, their types,
 * ranges, defaults and texts are the rows of config.def. One thread; a loaded struct is a value. */
#ifndef LQ_CONFIG_CONFIG_H
#define LQ_CONFIG_CONFIG_H

#include "firmware/config/speech.h"
#include "firmware/core/decide.h"
#include "firmware/core/door.h"
#include "firmware/core/lockout.h"
#include "firmware/core/order.h"
#include "firmware/core/presence.h"
#include "firmware/core/reason.h"
#include "firmware/core/site.h"
#include "hal/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LQ_CONFIG_DEFAULT_PATH "/etc/loquet/loquet.conf"

enum lq_lines_kind { LQ_LINES_GPIOD, LQ_LINES_SIM };
enum lq_mqtt_protocol { LQ_MQTT_5, LQ_MQTT_311 };

struct lq_config_door {
	char name[LQ_NAME_SIZE];
	enum lq_lines_kind lines;
	struct lq_lines_settings wiring;
	uint32_t debounce_ms; /* of every input */
	struct lq_door_settings settings;
	char zone[LQ_NAME_SIZE];
	struct lq_passback_settings passback;
};

struct lq_config_reader {
	char name[LQ_NAME_SIZE];
	uint16_t door; /* index into doors */
	enum lq_direction direction;
	char device[201];
	struct lq_line_wiring reset; /* on the door's chip */
	bool uid_badges;
	struct lq_lockout_settings lockout;
};

struct lq_config_mqtt {
	char host[254];
	uint16_t port;
	enum lq_mqtt_protocol protocol;
	char username[129];
	char password_file[201];
	char ca_file[201];
	char cert_file[201];
	char key_file[201];
	uint16_t window;
	uint16_t keepalive_s;
	uint32_t health_s;
	bool home_assistant;
	char home_assistant_prefix[LQ_NAME_SIZE];
	char home_assistant_key[201];
};

struct lq_config_office {
	char listen[64];
	uint16_t port; /* 0: no page */
	char database[201];
};

struct lq_config {
	char space[LQ_NAME_SIZE];
	char controller[LQ_NAME_SIZE];
	char time_zone[64];
	enum lq_language language;
	char state_dir[91];
	char runtime_dir[81];
	uint32_t record_deadline_ms;
	enum lq_trust clock_trust;
	uint32_t checkpoint_rows;
	uint32_t day_cut;
	uint32_t retention_days;
	char maintainers[201];
	uint8_t office_key[32]; /* zeros: none */
	uint32_t office_max_age_h;
	uint16_t door_count;
	uint16_t reader_count;
	struct lq_config_door doors[LQ_DOORS_MAX];
	struct lq_config_reader readers[LQ_READERS_MAX];
	struct lq_config_mqtt mqtt;
	uint16_t signer_count;
	struct lq_signer signers[LQ_ORDER_SIGNERS_MAX];
	struct lq_config_office office;
};

/* What is wrong and where. `line` is 0 when it concerns the file as a whole. `message` says what
 * was found and what would be right, in `language`; foreign bytes in it are escaped. */
struct lq_config_error {
	size_t line;
	enum lq_language language;
	char message[256];
};

#define LQ_CONFIG_ERROR_SIZE 1024u

/* Writes "PATH:LINE: message", without the line when none is to blame. A long path is cut. */
void lq_config_error_print(
	const char *path, const struct lq_config_error *error, char *ret_text, size_t size);

/* The largest file that is read; a longer one is refused. */
#define LQ_CONFIG_SIZE_MAX 65536u

/* Parses `length` bytes: sections `[controller]`, `[mqtt]`, `[door NAME]`, `[reader NAME]`,
 * `[command NAME]`, `[office]` in any order, under each its `key = value` lines, and comments on
 * lines of their own that begin with #. Blanks around all of them do not count, nor does CR before
 * the end of a line or a byte order mark at the beginning. Takes up to 32 KiB of stack, no heap.
 * LQ_ERR_INVALID with `ret_error` filled, and `ret_config` untouched, for the first thing that is
 * wrong: not UTF-8, a line that is neither section, key nor comment, an unknown section or key, a
 * key given twice, a section given twice, a wrong type, a value out of range, a missing required
 * key, a reader of an unknown door, a line or device that two claim, an MQTT file without its
 * companion, a pre-alarm that is not shorter than the open time, too many doors or readers, no door
 * at all. The error is told in the language that was asked for; else in the one that the file has
 * named by then; else in that of `speech`. */
int lq_config_parse(const char *text, size_t length, struct lq_speech speech,
	struct lq_config *ret_config, struct lq_config_error *ret_error);

/* Reads and parses a file. As lq_config_parse(), and LQ_ERR_INVALID for a time zone that the
 * machine does not know; LQ_ERR_NOT_FOUND, LQ_ERR_IO or LQ_ERR_FULL when it cannot be read, with
 * `ret_error` saying so. */
int lq_config_load(const char *path, struct lq_speech speech, struct lq_config *ret_config,
	struct lq_config_error *ret_error);

/* Takes over into a configuration in use what can change while loquetd runs: the [command NAME],
 * [mqtt] and [office] sections, language, record_deadline_ms, clock_trust, the times of the doors,
 * uid_badges. Writes nothing else of `config`. LQ_ERR_UNSUPPORTED with `ret_error` in the language
 * of `fresh`, and nothing is taken over, when something else differs; LQ_ERR_NO_MEMORY. */
int lq_config_renew(
	struct lq_config *config, const struct lq_config *fresh, struct lq_config_error *ret_error);

/* Writes every key with its effective value, in the file's own syntax: parsing it again gives the
 * same struct. LQ_ERR_IO. */
int lq_config_print(const struct lq_config *config, FILE *out);

/* Writes the table of keys as mdoc for the manual page. */
int lq_config_print_reference(FILE *out);

/* Whether an office_key is given. */
bool lq_config_has_office(const struct lq_config *config);

/* The [command NAME] that trusts this public key; NULL: none. */
const struct lq_signer *lq_config_signer(
	const struct lq_config *config, const uint8_t public_key[32]);

/* The names, as the core wants them. */
struct lq_site lq_config_site(const struct lq_config *config);

#endif
