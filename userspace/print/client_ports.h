/* SPDX-License-Identifier: GPL-2.0 */
/* Ports held by connections only, in words. */
#ifndef PORTOWNER_CLIENT_PORTS_H
#define PORTOWNER_CLIENT_PORTS_H

#include "model/model.h"

void client_ports_explain(const struct psock_list *list,
			  const struct psock_list *all,
			  void (*put)(void *arg, const char *words,
				      const char *command),
			  void *arg);
void client_ports_print(const struct psock_list *connected,
			const struct psock_list *all);

#endif /* PORTOWNER_CLIENT_PORTS_H */
