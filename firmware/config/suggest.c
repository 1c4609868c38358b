#include "firmware/config/suggest.h"

#define WORD_MAX 40u

struct lq_suggestion lq_suggestion_begin(struct lq_span found)
{
	/* One error, and another for every four characters, is still a typing error. */
	size_t too_far = 2 + found.length / 4;
	return (struct lq_suggestion){.found = found, .word = NULL, .distance = too_far};
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). Both
 * spans are at most WORD_MAX long. */
static size_t edit_distance(struct lq_span a, struct lq_span b)
{
	size_t rows[3][WORD_MAX + 1];
	for (size_t j = 0; j <= b.length; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= a.length; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *two_above = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b.length; j++) {
			size_t change = a.at[i - 1] == b.at[j - 1] ? 0 : 1;
			row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + change);
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
				a.at[i - 2] == b.at[j - 1]) {
				row[j] = least(row[j], two_above[j - 2] + 1);
			}
		}
	}
	return rows[a.length % 3][b.length];
}

void lq_suggestion_weigh(struct lq_suggestion *suggestion, const char *word)
{
	struct lq_span right = lq_span_of(word);
	if (suggestion->found.length > WORD_MAX || right.length > WORD_MAX) {
		return;
	}
	size_t distance = edit_distance(suggestion->found, right);
	if (distance < suggestion->distance) {
		suggestion->word = word;
		suggestion->distance = distance;
	}
}
