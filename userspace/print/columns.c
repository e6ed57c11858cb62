// SPDX-License-Identifier: GPL-2.0
/* Columns of a table. */

#include <stdio.h>
#include <string.h>

#include "print/print.h"

static const struct field *find_column(const struct field * const *sets,
				       const char *name, size_t len)
{
	const struct field *field;

	for (; *sets; sets++)
		for (field = *sets; field->get; field++)
			if (field->column && strlen(field->column) == len &&
			    !strncasecmp(field->column, name, len))
				return field;
	return NULL;
}

static int add_columns(struct columns *columns,
		       const struct field * const *sets, const char *list)
{
	const struct field *field;
	size_t len;

	do {
		len = strcspn(list, ",");
		field = find_column(sets, list, len);
		if (!field)
			return complain(STATUS_USAGE,
					"unknown column '%.*s'; '-o help' lists them",
					(int)len, list);
		if (columns->n == COLUMNS_MAX)
			return complain(STATUS_USAGE, "more than %d columns",
					COLUMNS_MAX);
		columns->v[columns->n++] = field;
		list += len;
	} while (*list++);
	return 0;
}

static void add_all(struct columns *columns, const struct field * const *sets)
{
	const struct field *field;

	for (; *sets; sets++)
		for (field = *sets; field->get; field++)
			if (field->column && columns->n < COLUMNS_MAX)
				columns->v[columns->n++] = field;
}

/**
 * columns_choose() - Choose the columns of a table.
 * @columns: set to them
 * @sets: arrays of fields to choose from, NULL at the end
 * @standard: the default columns
 * @wanted: comma-separated list; with + before it, added to @standard; or
 *	COLUMNS_ALL, or NULL
 *
 * Return: 0 or the exit status.
 */
int columns_choose(struct columns *columns, const struct field * const *sets,
		   const char *standard, const char *wanted)
{
	columns->n = 0;
	columns->standard = !wanted;
	if (!wanted)
		return add_columns(columns, sets, standard);
	if (!strcmp(wanted, COLUMNS_ALL)) {
		add_all(columns, sets);
		return 0;
	}
	if (*wanted != '+')
		return add_columns(columns, sets, wanted);
	return add_columns(columns, sets, standard) ||
	       add_columns(columns, sets, wanted + 1) ? STATUS_USAGE : 0;
}

/**
 * columns_name() - Is one of these columns requested?
 * @fields: array of fields
 * @wanted: as for columns_choose()
 *
 * Return: true if one of them is in the list.
 */
bool columns_name(const struct field *fields, const char *wanted)
{
	const struct field * const sets[] = { fields, NULL };
	size_t len;

	if (!wanted)
		return false;
	if (!strcmp(wanted, COLUMNS_ALL))
		return true;
	wanted += *wanted == '+';
	do {
		len = strcspn(wanted, ",");
		if (find_column(sets, wanted, len))
			return true;
		wanted += len;
	} while (*wanted++);
	return false;
}

/**
 * columns_help() - Print all columns and their descriptions.
 * @sets: arrays of fields, NULL at the end
 */
void columns_help(const struct field * const *sets)
{
	const struct field *field;

	for (; *sets; sets++)
		for (field = *sets; field->get; field++)
			if (field->column)
				printf("%-10s %s\n", field->column,
				       field->help);
}
