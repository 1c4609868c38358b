#include "host/cli/command_line.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <string.h>

const struct lq_option lq_global_options[] = {
	{LQ_OPTION_VALUE, "config", "FILE",
		{"configuration (default: $LOQUET_CONFIG, else /etc/loquet/loquet.conf)",
			"configuration (par défaut : $LOQUET_CONFIG, sinon "
			"/etc/loquet/loquet.conf)"}},
	{LQ_OPTION_FLAG, "json", NULL,
		{"answer and report errors as JSON", "répondre et signaler les erreurs en JSON"}},
	{LQ_OPTION_VALUE, "lang", "en|fr", {"language of messages", "langue des messages"}},
	{LQ_OPTION_FLAG, "help", NULL, {"explain the command", "expliquer la commande"}},
	{LQ_OPTION_FLAG, "version", NULL, {"say the version", "donner la version"}},
	{LQ_OPTION_END, NULL, NULL, {NULL, NULL}},
};

struct reader {
	const struct lq_command *commands;
	size_t count;
	int argc;
	char *const *argv;
	int at;
	struct lq_command_line *line;
	struct lq_usage_error *error;
};

static int refuse(struct reader *reader, enum lq_usage_problem problem, const char *word)
{
	*reader->error = (struct lq_usage_error){
		.problem = problem,
		.word = word,
		.word_length = word != NULL ? (int)strcspn(word, "=") : 0,
	};
	return LQ_ERR_INVALID;
}

static bool is_global(const struct lq_option *option)
{
	for (const struct lq_option *o = lq_global_options; o->kind != LQ_OPTION_END; o++) {
		if (o == option) {
			return true;
		}
	}
	return false;
}

static const struct lq_option *find_option(
	const struct lq_option *options, const char *name, size_t length)
{
	for (const struct lq_option *o = options; o->kind != LQ_OPTION_END; o++) {
		if (strlen(o->name) == length && memcmp(o->name, name, length) == 0) {
			return o;
		}
	}
	return NULL;
}

static int set_global(struct reader *reader, const char *name, const char *word, const char *value)
{
	struct lq_command_line *line = reader->line;
	const char **text = strcmp(name, "lang") == 0 ? &line->language : &line->config;
	if (strcmp(name, "json") == 0) {
		line->json = true;
	} else if (strcmp(name, "help") == 0) {
		line->help = true;
	} else if (strcmp(name, "version") == 0) {
		line->version = true;
	} else if (*text != NULL) {
		return refuse(reader, LQ_USAGE_OPTION_TWICE, word);
	} else {
		*text = value;
	}
	return LQ_OK;
}

static int set_option(
	struct reader *reader, const struct lq_option *option, const char *word, const char *value)
{
	struct lq_command_line *line = reader->line;
	if (is_global(option)) {
		return set_global(reader, option->name, word, value);
	}
	bool again = option->kind == LQ_OPTION_LIST || option->kind == LQ_OPTION_ANY;
	if (!again && lq_option_given(line, option->name)) {
		return refuse(reader, LQ_USAGE_OPTION_TWICE, word);
	}
	if (line->option_count == LQ_OPTIONS_MAX) {
		return refuse(reader, LQ_USAGE_TOO_MANY, NULL);
	}
	line->options[line->option_count].option = option;
	line->options[line->option_count].value = value;
	line->option_count++;
	return LQ_OK;
}

static int read_option(struct reader *reader, const char *word)
{
	const char *name = strcmp(word, "-h") == 0 ? "help" : word + 2;
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : NULL;
	const struct lq_option *option = NULL;
	if (word[1] == '-' || strcmp(word, "-h") == 0) {
		option = find_option(lq_global_options, name, length);
	}
	if (option == NULL && word[1] == '-' && reader->line->command != NULL) {
		option = find_option(reader->line->command->options, name, length);
	}
	if (option == NULL) {
		return refuse(reader, LQ_USAGE_UNKNOWN_OPTION, word);
	}
	if (option->kind == LQ_OPTION_FLAG && value != NULL) {
		return refuse(reader, LQ_USAGE_VALUE_UNWANTED, word);
	}
	if (option->kind != LQ_OPTION_FLAG && value == NULL) {
		if (reader->at == reader->argc) {
			return refuse(reader, LQ_USAGE_VALUE_MISSING, word);
		}
		value = reader->argv[reader->at++];
	}
	return set_option(reader, option, word, value);
}

bool lq_command_in_group(const char *name, const char *group, size_t group_length)
{
	return strncmp(name, group, group_length) == 0 &&
	       (name[group_length] == '\0' || name[group_length] == ' ');
}

static bool names(const char *name, const char *group, const char *word)
{
	size_t length = group != NULL ? strlen(group) : 0;
	if (group == NULL) {
		return strcmp(name, word) == 0;
	}
	return lq_command_in_group(name, group, length) && name[length] == ' ' &&
	       strcmp(name + length + 1, word) == 0;
}

static int read_command(struct reader *reader, const char *word)
{
	struct lq_command_line *line = reader->line;
	bool group = false;
	for (size_t i = 0; i < reader->count; i++) {
		if (names(reader->commands[i].name, line->group, word)) {
			line->command = &reader->commands[i];
			return LQ_OK;
		}
		group = group || lq_command_in_group(reader->commands[i].name, word, strlen(word));
	}
	if (line->group != NULL || !group) {
		return refuse(reader, LQ_USAGE_UNKNOWN_COMMAND, word);
	}
	line->group = word;
	return LQ_OK;
}

static int read_operand(struct reader *reader, const char *word)
{
	struct lq_command_line *line = reader->line;
	if (line->operand_count == line->command->operands_max) {
		return refuse(reader, LQ_USAGE_TOO_MANY, NULL);
	}
	LQ_ASSERT(line->operand_count < LQ_OPERANDS_MAX);
	line->operands[line->operand_count++] = word;
	return LQ_OK;
}

static int read_words(struct reader *reader)
{
	bool options = true;
	while (reader->at < reader->argc) {
		const char *word = reader->argv[reader->at++];
		int r = LQ_OK;
		if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && word[0] == '-' && word[1] != '\0') {
			r = read_option(reader, word);
		} else if (reader->line->command == NULL) {
			r = read_command(reader, word);
		} else {
			r = read_operand(reader, word);
		}
		if (r != LQ_OK) {
			return r;
		}
	}
	return LQ_OK;
}

static int check_complete(struct reader *reader)
{
	const struct lq_command_line *line = reader->line;
	if (line->help || line->version) {
		return LQ_OK;
	}
	if (line->command == NULL) {
		return refuse(reader, LQ_USAGE_NO_COMMAND, line->group);
	}
	if (line->operand_count < line->command->operands_min) {
		return refuse(reader, LQ_USAGE_TOO_FEW, NULL);
	}
	for (const struct lq_option *o = line->command->options; o->kind != LQ_OPTION_END; o++) {
		bool needed = o->kind == LQ_OPTION_NEEDED || o->kind == LQ_OPTION_LIST;
		if (needed && !lq_option_given(line, o->name)) {
			return refuse(reader, LQ_USAGE_OPTION_MISSING, o->name);
		}
	}
	return LQ_OK;
}

static void find_output_form(int argc, char *const argv[], struct lq_command_line *line)
{
	static const char lang[] = "--lang";
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			line->json = true;
		} else if (strcmp(argv[i], lang) == 0 && i + 1 < argc) {
			line->language = argv[i + 1];
		} else if (strncmp(argv[i], "--lang=", sizeof(lang)) == 0) {
			line->language = argv[i] + sizeof(lang);
		}
	}
}

int lq_command_line_parse(const struct lq_command *commands, size_t count, int argc,
	char *const argv[], struct lq_command_line *ret_line, struct lq_usage_error *ret_error)
{
	*ret_line = (struct lq_command_line){0};
	struct reader reader = {
		.commands = commands,
		.count = count,
		.argc = argc,
		.argv = argv,
		.at = 1,
		.line = ret_line,
		.error = ret_error,
	};
	int r = read_words(&reader);
	if (r == LQ_OK) {
		r = check_complete(&reader);
	}
	if (r != LQ_OK) {
		find_output_form(argc, argv, ret_line);
	}
	return r;
}

bool lq_option_given(const struct lq_command_line *line, const char *name)
{
	for (size_t i = 0; i < line->option_count; i++) {
		if (strcmp(line->options[i].option->name, name) == 0) {
			return true;
		}
	}
	return false;
}

const char *lq_option_value(const struct lq_command_line *line, const char *name)
{
	for (size_t i = 0; i < line->option_count; i++) {
		if (strcmp(line->options[i].option->name, name) == 0) {
			return line->options[i].value;
		}
	}
	return NULL;
}
