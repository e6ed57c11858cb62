/* SPDX-License-Identifier: GPL-2.0 */
/* Build the bind to check from the command line. */
#ifndef PORTOWNER_BIND_REQUEST_H
#define PORTOWNER_BIND_REQUEST_H

#include "cmd/options.h"
#include "model/check.h"

void bind_request_default(struct endpoint *ep);
int bind_request_of(struct bind_request *request,
		    const struct options *options);
bool bind_request_other(const struct bind_request *request,
			struct bind_request *other);

#endif /* PORTOWNER_BIND_REQUEST_H */
