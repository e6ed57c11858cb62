/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of sentences about sockets and rejects; untrusted bytes are escaped. */
#ifndef PORTOWNER_PHRASE_H
#define PORTOWNER_PHRASE_H

#include <stdbool.h>
#include <stdio.h>

#include "model/model.h"

FILE *phrase_open(char **text, size_t *len);
void phrase_user(FILE *out, __u32 uid, bool numeric);
char *phrase_uid(__u32 uid, bool numeric);

char *phrase_error(__u32 err);
char *phrase_endpoint(const struct endpoint *ep);
char *phrase_peer(const struct psock *sock);
char *phrase_refusal(const struct reject *reject);
char *phrase_reject_peer(const struct reject *reject);
char *phrase_wanted(const struct endpoint *ep);
char *phrase_requested(const struct reject *reject);
char *phrase_address(const struct endpoint *ep);
char *phrase_process(const char *comm, __u32 pid);
char *phrase_unit(const char *cgroup);
char *phrase_holder(const struct psock *sock);
const char *phrase_orphan(const struct psock *sock);

#endif /* PORTOWNER_PHRASE_H */
