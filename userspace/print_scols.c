// SPDX-License-Identifier: GPL-2.0
/*
 * libsmartcols, loaded when a terminal wants a table: most output goes to
 * pipes, and loading it would cost more than asking the kernel does.
 */

#include <dlfcn.h>
#include <stddef.h>

#include "print_scols.h"
#include "util.h"

#define SCOLS_SONAME	"libsmartcols.so.1"

#define FUNCTION(name)	{ "scols_" #name, offsetof(struct scols, name) }

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	FUNCTION(cell_get_data),
	FUNCTION(column_get_name),
	FUNCTION(column_get_width),
	FUNCTION(column_set_color),
	FUNCTION(column_set_flags),
	FUNCTION(column_set_whint),
	FUNCTION(line_get_cell),
	FUNCTION(line_refer_data),
	FUNCTION(new_table),
	FUNCTION(print_table_to_string),
	FUNCTION(table_enable_colors),
	FUNCTION(table_enable_minout),
	FUNCTION(table_enable_noencoding),
	FUNCTION(table_enable_noheadings),
	FUNCTION(table_get_column),
	FUNCTION(table_get_line),
	FUNCTION(table_get_nlines),
	FUNCTION(table_get_termwidth),
	FUNCTION(table_new_column),
	FUNCTION(table_new_line),
	FUNCTION(table_reduce_termwidth),
	FUNCTION(table_remove_lines),
	FUNCTION(table_set_termwidth),
	FUNCTION(unref_table),
};

struct scols scols;

static bool find_functions(void *library)
{
	void *function;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		function = dlsym(library, functions[i].name);
		if (!function)
			return false;
		*(void **)((char *)&scols + functions[i].offset) = function;
	}
	return true;
}

/**
 * scols_load() - Load the library.
 *
 * Return: true if it is there, and has all that is used.
 */
bool scols_load(void)
{
	static void *library;

	if (library)
		return true;
	library = dlopen(SCOLS_SONAME, RTLD_NOW | RTLD_LOCAL);
	if (library && !find_functions(library)) {
		dlclose(library);
		library = NULL;
	}
	return library;
}
