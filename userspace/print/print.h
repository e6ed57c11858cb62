/* SPDX-License-Identifier: GPL-2.0 */
/* From the model to stdout. */
#ifndef PORTOWNER_PRINT_H
#define PORTOWNER_PRINT_H

#include <stdbool.h>

#include "model/check.h"
#include "model/model.h"
#include "print/field.h"

/* More than there are columns. */
#define COLUMNS_MAX	48

/**
 * struct columns - The columns of a table.
 * @v: the fields
 * @n: number of fields
 * @standard: they are the default
 */
struct columns {
	const struct field *v[COLUMNS_MAX];
	size_t n;
	bool standard;
};

/* Selects all of them. */
#define COLUMNS_ALL	"all"

/**
 * struct style - Style of tables.
 * @numeric: omit names of users and namespaces
 * @iso_time: print times in full
 * @headings: print them
 * @color: use colours
 * @terminal: cut tables to its width
 * @raw: single blanks between columns, which are neither padded nor cut
 * @width: of the terminal, or 0 to query it
 */
struct style {
	bool numeric;
	bool iso_time;
	bool headings;
	bool color;
	bool terminal;
	bool raw;
	size_t width;
};

struct json_object;
struct table;

int columns_choose(struct columns *columns, const struct field * const *sets,
		   const char *standard, const char *wanted);
bool columns_name(const struct field *fields, const char *wanted);
void columns_help(const struct field * const *sets);

struct table *table_new(const struct columns *columns,
			const struct style *style);
void table_add(struct table *table, const struct subject *subject);
void table_add_texts(struct table *table, char * const *texts);
void table_print(struct table *table, const char *indent);
void table_free(struct table *table);

/* A row for each owner, and one if there is none to show. */
void table_add_socket(struct table *table, const struct psock *sock);

/* One row for all owners, and perhaps for another socket that is the same. */
void table_add_whole(struct table *table, const struct psock *sock, bool twin);

struct sharing;

void print_details(const struct psock *sock, struct sharing *sharing,
		   const struct style *style);

void print_sockets_json(const struct psock_list *list, const char *source);
void print_who_json(const struct psock_list *list,
		    const struct psock_list *rest,
		    const struct psock_list *all, const char *source,
		    struct json_object *redirects);
void print_sockets_table(const struct psock_list *list,
			 const struct columns *columns,
			 const struct style *style);
void print_sockets_whole(const struct psock_list *list,
			 const struct columns *columns,
			 const struct style *style);
void print_sockets_full(const struct psock_list *list,
			const struct psock_list *all,
			const struct columns *columns,
			const struct style *style, bool everything);
void print_rejects_json(const struct reject_list *list);
void print_run_json(const struct reject_list *list, int exit_status);
void print_rejects_json_lines(const struct reject_list *list);
void print_calls_json_lines(const struct reject_list *list);
void print_rejects_table(struct table *table, const struct reject_list *list);
void print_counters(const struct counters *counters, bool json,
		    const char *source);

#endif /* PORTOWNER_PRINT_H */
