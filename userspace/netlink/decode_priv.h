/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the decoder. */
#ifndef PORTOWNER_DECODE_PRIV_H
#define PORTOWNER_DECODE_PRIV_H

#include <linux/types.h>

struct endpoint;
struct nlattr;
struct psock_list;

int decode_peer(int family, struct nlattr *attr, unsigned char *addr);
int decode_addr(struct endpoint *ep, struct nlattr *attr);
__u16 decode_addr_family(const struct nlattr *attr);
char *decode_dev(struct nlattr *dev, struct nlattr *ifindex);
char *decode_string(struct nlattr *attr);

int decode_template_id(struct psock_list *list, struct nlattr *attr);
int decode_compact(struct psock_list *list, struct nlattr *nest);

#endif /* PORTOWNER_DECODE_PRIV_H */
