#include "host/office/router.h"

#include "firmware/core/err.h"
#include "firmware/core/utf8.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	if (digit >= 'a' && digit <= 'f') {
		return digit - 'a' + 10;
	}
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* Decodes in place; false for what no client of ours writes. */
static bool decode(char *text, bool plus_is_blank)
{
	char *out = text;
	for (const char *at = text; *at != '\0'; at++) {
		char character = *at;
		if (character == '+' && plus_is_blank) {
			character = ' ';
		}
		if (*at == '%') {
			int high = hex_digit(at[1]);
			int low = high >= 0 ? hex_digit(at[2]) : -1;
			if (low < 0) {
				return false;
			}
			character = (char)(high * 16 + low);
			at += 2;
		}
		if ((unsigned char)character < 0x20 || character == 0x7f) {
			return false;
		}
		*out++ = character;
	}
	*out = '\0';
	size_t length = (size_t)(out - text);
	for (size_t i = 0, step = 0; i < length; i += step) {
		uint32_t character = 0;
		step = lq_utf8_decode(text + i, length - i, &character);
		if (step == 0) {
			return false;
		}
	}
	return true;
}

static int take_pair(struct lq_query *query, char *pair)
{
	char *value = strchr(pair, '=');
	if (value != NULL) {
		*value++ = '\0';
	} else {
		value = pair + strlen(pair);
	}
	if (*pair == '\0' || !decode(pair, true) || !decode(value, true) ||
		lq_query_value(query, pair) != NULL) {
		return LQ_ERR_INVALID;
	}
	if (query->count == LQ_QUERY_PAIRS_MAX) {
		return LQ_ERR_FULL;
	}
	query->pairs[query->count].key = pair;
	query->pairs[query->count++].value = value;
	return LQ_OK;
}

static int read_query(struct lq_query *query, char *text)
{
	char *rest = text;
	int r = LQ_OK;
	while (rest != NULL && r == LQ_OK) {
		char *pair = strsep(&rest, "&");
		r = *pair != '\0' ? take_pair(query, pair) : LQ_OK;
	}
	return r;
}

static int read_path(struct lq_target *target, char *path)
{
	char *rest = path[1] != '\0' ? path + 1 : NULL;
	while (rest != NULL) {
		char *part = strsep(&rest, "/");
		if (target->part_count == LQ_TARGET_PARTS_MAX) {
			return LQ_ERR_FULL;
		}
		if (*part == '\0' || !decode(part, false)) {
			return LQ_ERR_INVALID;
		}
		target->parts[target->part_count++] = part;
	}
	return LQ_OK;
}

int lq_target_read(const char *text, size_t length, struct lq_target *ret_target)
{
	if (length >= LQ_TARGET_SIZE_MAX) {
		return LQ_ERR_FULL;
	}
	if (length == 0 || text[0] != '/' || memchr(text, '\0', length) != NULL) {
		return LQ_ERR_INVALID;
	}
	memset(ret_target, 0, sizeof(*ret_target));
	memcpy(ret_target->text, text, length);
	char *query = strchr(ret_target->text, '?');
	if (query != NULL) {
		*query++ = '\0';
	}
	int r = read_path(ret_target, ret_target->text);
	return r == LQ_OK && query != NULL ? read_query(&ret_target->query, query) : r;
}

const char *lq_query_value(const struct lq_query *query, const char *key)
{
	for (size_t i = 0; i < query->count; i++) {
		if (strcmp(query->pairs[i].key, key) == 0) {
			return query->pairs[i].value;
		}
	}
	return NULL;
}

/* ---- which row ---- */

/* One part of a row's path. */
struct piece {
	const char *literal; /* the whole part, or the suffix of a parameter */
	size_t length;
	bool parameter;
};

static struct piece next_piece(const char **path)
{
	const char *begin = *path + 1; /* behind the / */
	const char *end = strchrnul(begin, '/');
	const char *close = *begin == '{' ? memchr(begin, '}', (size_t)(end - begin)) : NULL;
	*path = end;
	if (close == NULL) {
		return (struct piece){.literal = begin, .length = (size_t)(end - begin)};
	}
	return (struct piece){
		.literal = close + 1, .length = (size_t)(end - close - 1), .parameter = true};
}

static bool piece_fits(const struct piece *piece, const char *part)
{
	size_t length = strlen(part);
	if (!piece->parameter) {
		return length == piece->length && memcmp(part, piece->literal, length) == 0;
	}
	return length > piece->length &&
	       memcmp(part + length - piece->length, piece->literal, piece->length) == 0;
}

/* How many characters of the path are literal, -1 where it does not fit. `part` is moved on. */
static int fit(const char *path, const struct lq_target *target, size_t *part)
{
	int literal = 0;
	for (; *path == '/' && *part < target->part_count; ++*part) {
		struct piece piece = next_piece(&path);
		if (!piece_fits(&piece, target->parts[*part])) {
			return -1;
		}
		literal += (int)piece.length + 1;
	}
	return *path == '\0' ? literal : -1;
}

static void cut_parameters(const char *path, struct lq_target *target, size_t part,
	const char *ret_parameters[LQ_API_PARAMETERS_MAX])
{
	size_t count = 0;
	for (; part < target->part_count; part++) {
		struct piece piece = next_piece(&path);
		if (piece.parameter && count < LQ_API_PARAMETERS_MAX) {
			target->parts[part][strlen(target->parts[part]) - piece.length] = '\0';
			ret_parameters[count++] = target->parts[part];
		}
	}
}

static void add_method(char methods[LQ_METHODS_SIZE], const char *method)
{
	size_t length = strlen(methods);
	if (strstr(methods, method) == NULL && length + strlen(method) + 3 < LQ_METHODS_SIZE) {
		(void)snprintf(methods + length, LQ_METHODS_SIZE - length, "%s%s",
			length > 0 ? ", " : "", method);
	}
}

struct choice {
	const struct lq_route *row;
	size_t first; /* part behind the prefix */
	int literal;
};

static void weigh(struct choice *choice, const struct lq_route_list *list,
	const struct lq_target *target, const char *method, char methods[LQ_METHODS_SIZE])
{
	size_t first = 0;
	int begin = fit(list->prefix, target, &first);
	for (size_t i = 0; begin >= 0 && i < *list->count; i++) {
		const struct lq_route *row = &list->rows[i];
		size_t part = first;
		int literal = fit(row->path, target, &part);
		if (literal < 0 || part != target->part_count) {
			continue;
		}
		add_method(methods, row->method);
		if (strcmp(row->method, method) == 0 && begin + literal > choice->literal) {
			*choice = (struct choice){row, first, begin + literal};
		}
	}
}

int lq_route_find(const struct lq_route_list *lists, size_t count, const char *method,
	struct lq_target *target, struct lq_route_found *ret_found)
{
	struct choice choice = {.literal = -1};
	method = strcmp(method, "HEAD") == 0 ? "GET" : method;
	memset(ret_found, 0, sizeof(*ret_found));
	for (size_t i = 0; i < count; i++) {
		weigh(&choice, &lists[i], target, method, ret_found->methods);
	}
	if (choice.row == NULL) {
		return ret_found->methods[0] != '\0' ? LQ_ERR_UNSUPPORTED : LQ_ERR_NOT_FOUND;
	}
	cut_parameters(choice.row->path, target, choice.first, ret_found->parameters);
	ret_found->route = choice.row;
	return LQ_OK;
}
