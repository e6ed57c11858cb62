/* SPDX-License-Identifier: GPL-2.0 */
/* From the command line to a bind that is to be checked. */
#ifndef PORTOWNER_REQUEST_H
#define PORTOWNER_REQUEST_H

#include "check.h"
#include "options.h"

int request_of(struct bind_request *request, const struct options *options);

#endif /* PORTOWNER_REQUEST_H */
