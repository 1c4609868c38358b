#include "host/cli/csv_words.h"

#include "firmware/core/assert.h"

static const struct lq_csv_words all[LQ_CSV_PROBLEM_COUNT][2] /* by enum lq_language */ = {
	[LQ_CSV_NUL] = {{"a NUL byte", "text in UTF-8 (UTF-16 has to be saved as UTF-8 first)"},
		{"un octet NUL", "du texte en UTF-8 (l’UTF-16 est à enregistrer en UTF-8)"}},
	[LQ_CSV_NOT_UTF8] = {{"bytes that are not UTF-8",
				     "text in UTF-8 (in a spreadsheet: save as CSV UTF-8)"},
		{"des octets qui ne sont pas de l’UTF-8",
			"du texte en UTF-8 (dans un tableur : enregistrer en CSV UTF-8)"}},
	[LQ_CSV_STRAY_QUOTE] = {{"a quote inside a cell that does not begin with one",
					"the whole cell in quotes, and each quote in it twice"},
		{"un guillemet dans une cellule qui ne commence pas par lui",
			"toute la cellule entre guillemets, et chaque guillemet doublé"}},
	[LQ_CSV_BEHIND_QUOTE] = {{"text behind a closing quote",
					 "the end of the cell, or the quote twice"},
		{"du texte après un guillemet fermant",
			"la fin de la cellule, ou le guillemet doublé"}},
	[LQ_CSV_OPEN_QUOTE] = {{"the end of the file inside quotes", "a closing quote"},
		{"la fin du fichier entre guillemets", "un guillemet fermant"}},
	[LQ_CSV_LONE_CR] = {{"a CR without LF", "rows that end with LF or CR LF"},
		{"un CR sans LF", "des lignes qui finissent par LF ou CR LF"}},
	[LQ_CSV_LONG_CELL] = {{"a cell of more than 1024 bytes", "a shorter one"},
		{"une cellule de plus de 1024 octets", "une plus courte"}},
	[LQ_CSV_MANY_CELLS] = {{"more than 64 cells", "at most 64"},
		{"plus de 64 cellules", "au plus 64"}},
	[LQ_CSV_MANY_LINES] = {{"more than 4000000 lines", "a shorter file"},
		{"plus de 4000000 lignes", "un fichier plus court"}},
};

const struct lq_csv_words *lq_csv_words(enum lq_csv_problem problem, enum lq_language language)
{
	LQ_ASSERT(problem < LQ_CSV_PROBLEM_COUNT && all[problem][language].found != NULL);
	return &all[problem][language];
}
