/* SPDX-License-Identifier: GPL-2.0 */
/* How widely used programs are given another port, or a single address. */
#ifndef PORTOWNER_PORT_SYNTAX_H
#define PORTOWNER_PORT_SYNTAX_H

#include "model/model.h"

char *port_syntax_port(const struct owner *owner, __u16 port,
		       const char **besides);
char *port_syntax_address(const struct owner *owner, __u16 port);

#endif /* PORTOWNER_PORT_SYNTAX_H */
