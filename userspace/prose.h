/* SPDX-License-Identifier: GPL-2.0 */
/* Things of the model as words in a sentence; untrusted bytes are escaped. */
#ifndef PORTOWNER_PROSE_H
#define PORTOWNER_PROSE_H

#include <stdbool.h>
#include <stdio.h>

#include "model.h"

FILE *prose_open(char **text, size_t *len);
void prose_user(FILE *out, __u32 uid, bool numeric);

char *prose_endpoint(const struct endpoint *ep);
char *prose_wanted(const struct endpoint *ep);
char *prose_address(const struct endpoint *ep);
char *prose_process(const char *comm, __u32 pid);
char *prose_holder(const struct psock *sock);
const char *prose_left_over(const struct psock *sock);

#endif /* PORTOWNER_PROSE_H */
