/* SPDX-License-Identifier: GPL-2.0 */
/* Properties of the host. */
#ifndef PORTOWNER_HOST_H
#define PORTOWNER_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define SYSCTL_UNPRIVILEGED	"net.ipv4.ip_unprivileged_port_start"

char *host_sysctl(const char *name);
char *host_lsms(void);
char *host_proc(__u32 pid, const char *file, size_t *len);
char *host_link(__u32 pid, const char *name);
bool host_has_file_caps(__u32 pid, const char *exe);
__u32 host_ifindex(const char *device);
bool host_ifname(const char *device, char *name);
__u32 host_netns(void);
__u32 host_uid(void);
bool host_lacks_module(void);
bool host_wants_signatures(void);
const char *host_signing_key(void);
bool host_is_initial(void);
bool host_has_root(void);
bool host_has_cap(int cap);
bool host_netns_is_foreign(void);

#endif /* PORTOWNER_HOST_H */
