/* SPDX-License-Identifier: GPL-2.0 */
/* From the command line of check to the bind that is to be checked. */
#ifndef PORTOWNER_BIND_REQUEST_H
#define PORTOWNER_BIND_REQUEST_H

#include "cmd/options.h"
#include "model/check.h"

void bind_request_default(struct endpoint *ep);
int bind_request_of(struct bind_request *request,
		    const struct options *options);

#endif /* PORTOWNER_BIND_REQUEST_H */
