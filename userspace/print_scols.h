/* SPDX-License-Identifier: GPL-2.0 */
/* libsmartcols, loaded only when it is used. */
#ifndef PORTOWNER_PRINT_SCOLS_H
#define PORTOWNER_PRINT_SCOLS_H

#include <stdbool.h>
#include <libsmartcols.h>

/*
 * struct scols - What is used of the library, without the prefix.
 */
struct scols {
	__typeof__(scols_cell_get_data) *cell_get_data;
	__typeof__(scols_column_get_name) *column_get_name;
	__typeof__(scols_column_get_width) *column_get_width;
	__typeof__(scols_column_set_color) *column_set_color;
	__typeof__(scols_column_set_flags) *column_set_flags;
	__typeof__(scols_column_set_whint) *column_set_whint;
	__typeof__(scols_line_get_cell) *line_get_cell;
	__typeof__(scols_line_refer_data) *line_refer_data;
	__typeof__(scols_new_table) *new_table;
	__typeof__(scols_print_table_to_string) *print_table_to_string;
	__typeof__(scols_table_enable_colors) *table_enable_colors;
	__typeof__(scols_table_enable_minout) *table_enable_minout;
	__typeof__(scols_table_enable_noencoding) *table_enable_noencoding;
	__typeof__(scols_table_enable_noheadings) *table_enable_noheadings;
	__typeof__(scols_table_get_column) *table_get_column;
	__typeof__(scols_table_get_line) *table_get_line;
	__typeof__(scols_table_get_nlines) *table_get_nlines;
	__typeof__(scols_table_get_termwidth) *table_get_termwidth;
	__typeof__(scols_table_new_column) *table_new_column;
	__typeof__(scols_table_new_line) *table_new_line;
	__typeof__(scols_table_reduce_termwidth) *table_reduce_termwidth;
	__typeof__(scols_table_remove_lines) *table_remove_lines;
	__typeof__(scols_table_set_termwidth) *table_set_termwidth;
	__typeof__(scols_unref_table) *unref_table;
};

extern struct scols scols;

bool scols_load(void);

#endif /* PORTOWNER_PRINT_SCOLS_H */
