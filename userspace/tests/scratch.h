/* SPDX-License-Identifier: GPL-2.0 */
/* A folder for a group of tests, and a file in it. */
#ifndef PORTOWNER_TESTS_SCRATCH_H
#define PORTOWNER_TESTS_SCRATCH_H

/* Where they are. The file is not there yet. */
extern char *scratch_folder;
extern char *scratch_file;

/* Before the first test, and after the last one. */
int scratch_make(void **state);
int scratch_remove(void **state);

#endif /* PORTOWNER_TESTS_SCRATCH_H */
