/* Prints every call of the office: method, path and scope, a line each. */
#include "host/office/routes.h"

#include "host/office/access.h"

#include <stdio.h>

int main(void)
{
	for (size_t i = 0; i < lq_route_list_count; i++) {
		const struct lq_route_list *list = &lq_route_lists[i];
		for (size_t j = 0; j < *list->count; j++) {
			const struct lq_route *row = &list->rows[j];
			const char *scope = lq_scope_word(row->scope);
			printf("%s %s%s %s\n", row->method, list->prefix, row->path,
				scope != NULL ? scope : "-");
		}
	}
	return 0;
}
