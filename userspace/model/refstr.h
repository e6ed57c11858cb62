/* SPDX-License-Identifier: GPL-2.0 */
/* Reference-counted strings, since each socket of a process has its name. */
#ifndef PORTOWNER_REFSTR_H
#define PORTOWNER_REFSTR_H

char *refstr_new(const char *str);
char *refstr_share(char *refstr);
void refstr_free(char *refstr);

#endif /* PORTOWNER_REFSTR_H */
