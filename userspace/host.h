/* SPDX-License-Identifier: GPL-2.0 */
/* What the tool reads of the machine itself. */
#ifndef PORTOWNER_HOST_H
#define PORTOWNER_HOST_H

#include <linux/types.h>

char *host_sysctl(const char *name);
char *host_lsms(void);
__u32 host_ifindex(const char *device);
__u32 host_netns(void);
__u32 host_uid(void);

#endif /* PORTOWNER_HOST_H */
