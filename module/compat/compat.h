/* SPDX-License-Identifier: GPL-2.0 */
/* Differences between supported kernels; included before each source file. */

#ifndef _PO_COMPAT_H
#define _PO_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "portowner needs Linux 5.10 or later"
#endif

#include "compat/af_unix.h"
#include "compat/cgroup.h"
#include "compat/file.h"
#include "compat/genetlink.h"
#include "compat/inet.h"
#include "compat/inet_hashtables.h"
#include "compat/sched.h"
#include "compat/workqueue.h"

#endif /* _PO_COMPAT_H */
