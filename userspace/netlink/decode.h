/* SPDX-License-Identifier: GPL-2.0 */
/* Decode netlink messages of the module into the model. */
#ifndef PORTOWNER_DECODE_H
#define PORTOWNER_DECODE_H

#include <linux/netlink.h>

#include "model/check.h"
#include "model/model.h"
#include "model/port_range.h"

struct nlattr;

int decode_port(struct nlmsghdr *nlh, struct psock_list *list);
int decode_socket(struct psock_list *list, struct nlattr *nest);
int decode_range(struct nlattr *nest, struct port_range **range);
int decode_reject(struct nlmsghdr *nlh, struct reject_list *list);
int decode_call(struct nlmsghdr *nlh, struct reject_list *list, __u64 *end);
int decode_check(struct nlmsghdr *nlh, struct check *check);
int decode_stats(struct nlmsghdr *nlh, struct counters *counters);

#endif /* PORTOWNER_DECODE_H */
