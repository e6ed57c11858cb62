/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of what is decoded. */
#ifndef PORTOWNER_DECODE_PARTS_H
#define PORTOWNER_DECODE_PARTS_H

struct endpoint;
struct nlattr;
struct psock_list;

int decode_addr(struct endpoint *ep, struct nlattr *attr);
char *decode_dev(struct nlattr *dev, struct nlattr *ifindex);
char *decode_string(struct nlattr *attr);

int decode_kind(struct psock_list *list, struct nlattr *attr);
int decode_alike(struct psock_list *list, struct nlattr *attr);

#endif /* PORTOWNER_DECODE_PARTS_H */
