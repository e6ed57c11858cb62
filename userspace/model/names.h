/* SPDX-License-Identifier: GPL-2.0 */
/* Names of users, network namespaces and services on this host. */
#ifndef PORTOWNER_NAMES_H
#define PORTOWNER_NAMES_H

#include <linux/types.h>

const char *user_name(__u32 uid);
const char *netns_name(__u32 inode);
const char *service_name(__u16 proto, __u16 port);
void names_forget(void);

#endif /* PORTOWNER_NAMES_H */
