/* SPDX-License-Identifier: GPL-2.0 */
/* What sockets and rejects have in common, as they are decoded. */
#ifndef PORTOWNER_DECODE_PARTS_H
#define PORTOWNER_DECODE_PARTS_H

struct endpoint;
struct nlattr;

int decode_addr(struct endpoint *ep, struct nlattr *attr);
char *decode_dev(struct nlattr *dev, struct nlattr *ifindex);
char *decode_string(struct nlattr *attr);

#endif /* PORTOWNER_DECODE_PARTS_H */
