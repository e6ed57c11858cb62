/* SPDX-License-Identifier: GPL-2.0 */
/* A directory for a group of tests, and a file in it. */
#ifndef PORTOWNER_TESTS_SCRATCH_H
#define PORTOWNER_TESTS_SCRATCH_H

/* Their paths. The file does not exist yet. */
extern char *scratch_folder;
extern char *scratch_file;

/* To be called before the first test, and after the last one. */
int scratch_make(void **state);
int scratch_remove(void **state);

#endif /* PORTOWNER_TESTS_SCRATCH_H */
