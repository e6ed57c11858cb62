/* SPDX-License-Identifier: GPL-2.0 */
/* What the tool reads of the machine itself. */
#ifndef PORTOWNER_HOST_H
#define PORTOWNER_HOST_H

#include <linux/types.h>

char *host_sysctl(const char *name);
__u32 host_netns(void);

#endif /* PORTOWNER_HOST_H */
