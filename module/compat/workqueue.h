/* SPDX-License-Identifier: GPL-2.0 */
/* The workqueue that is not bound to a CPU. */

#ifndef _PO_COMPAT_WORKQUEUE_H
#define _PO_COMPAT_WORKQUEUE_H

#include <linux/workqueue.h>

/* Later kernels renamed it. */
#ifndef PO_HAS_DFL_WQ
#define po_unbound_wq	system_unbound_wq
#else
#define po_unbound_wq	system_dfl_wq
#endif

#endif /* _PO_COMPAT_WORKQUEUE_H */
