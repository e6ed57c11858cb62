/* SPDX-License-Identifier: GPL-2.0 */
/* How widely used programs set a socket option. */
#ifndef PORTOWNER_OPTION_SYNTAX_H
#define PORTOWNER_OPTION_SYNTAX_H

#include "model/model.h"

bool option_syntax_exists(const char *exe, __u32 flag,
			  const struct endpoint *ep);
bool option_syntax_is_installed(const char *exe);
char *option_syntax_unit(__u32 flag);
char *option_syntax_set(const char *exe, __u32 flag, const struct endpoint *ep);

#endif /* PORTOWNER_OPTION_SYNTAX_H */
