/* SPDX-License-Identifier: GPL-2.0 */
/* Strings that many have in common: a process is named with each socket. */
#ifndef PORTOWNER_TEXT_H
#define PORTOWNER_TEXT_H

char *text_new(const char *str);
char *text_share(char *text);
void text_free(char *text);

#endif /* PORTOWNER_TEXT_H */
