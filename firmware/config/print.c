#include "firmware/config/value.h"
#include "firmware/core/err.h"

#include <ctype.h>

static void print_section(
	const struct lq_config *config, enum lq_section section, size_t index, FILE *out)
{
	const void *values = lq_section_struct_const(config, section, index);
	for (size_t i = 0; i < lq_key_count; i++) {
		if (lq_keys[i].section == section) {
			fprintf(out, "%s = ", lq_keys[i].name);
			lq_value_print(&lq_keys[i], config, values, out);
			fputc('\n', out);
		}
	}
}

static int written(FILE *out)
{
	return fflush(out) != 0 || ferror(out) ? LQ_ERR_IO : LQ_OK;
}

int lq_config_print(const struct lq_config *config, FILE *out)
{
	fputs("[controller]\n", out);
	print_section(config, LQ_SECTION_controller, 0, out);
	for (size_t i = 0; i < config->door_count; i++) {
		fprintf(out, "\n[door %s]\n", config->doors[i].name);
		print_section(config, LQ_SECTION_door, i, out);
	}
	for (size_t i = 0; i < config->reader_count; i++) {
		fprintf(out, "\n[reader %s]\n", config->readers[i].name);
		print_section(config, LQ_SECTION_reader, i, out);
	}
	fputs("\n[mqtt]\n", out);
	print_section(config, LQ_SECTION_mqtt, 0, out);
	for (size_t i = 0; i < config->signer_count; i++) {
		fprintf(out, "\n[command %s]\n", config->signers[i].name);
		print_section(config, LQ_SECTION_command, i, out);
	}
	fputs("\n[office]\n", out);
	print_section(config, LQ_SECTION_office, 0, out);
	return written(out);
}

static void print_default(const struct lq_key *key, FILE *out)
{
	if (key->fallback == NULL) {
		fputs("Must be given.\n", out);
		return;
	}
	if (key->fallback[0] == '\0') {
		fputs("Empty by default.\n", out);
		return;
	}
	struct lq_span word = lq_value_default(key);
	fprintf(out, "The default is\n.Cm %.*s .\n", (int)word.length, word.at);
}

/* The texts of the table and of error messages begin in the middle of a sentence. */
static void print_sentence(const char *text, FILE *out)
{
	fprintf(out, "%c%s.\n", toupper((unsigned char)text[0]), text + 1);
}

int lq_config_print_reference(FILE *out)
{
	for (int section = 0; section < LQ_SECTION_COUNT; section++) {
		const char *name = lq_section_name((enum lq_section)section);
		bool named = lq_section_named((enum lq_section)section);
		fprintf(out, ".Ss [%s%s]\n.Bl -tag -width Ds\n", name, named ? " NAME" : "");
		for (size_t i = 0; i < lq_key_count; i++) {
			const struct lq_key *key = &lq_keys[i];
			if (key->section != (enum lq_section)section) {
				continue;
			}
			char expected[LQ_EXPECTED_SIZE];
			lq_value_expected(key, LQ_LANGUAGE_EN, expected);
			fprintf(out, ".It Cm %s\n", key->name);
			print_sentence(key->text, out);
			print_sentence(expected, out);
			print_default(key, out);
		}
		fputs(".El\n", out);
	}
	return written(out);
}
