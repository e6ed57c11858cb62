/* SPDX-License-Identifier: GPL-2.0 */
/* Probes that watch each bind, listen and automatic bind. */

#ifndef _PO_PROBES_H
#define _PO_PROBES_H

#include <linux/types.h>

/**
 * struct po_missed - calls that no probe handler saw
 * @no_instance: more calls were in progress than the probe has instances
 * @nested: another probe handler was running on the same CPU
 * @share: the user had more than a fair share of the instances in use
 */
struct po_missed {
	u64 no_instance;
	u64 nested;
	u64 share;
};

int po_probes_init(void);
void po_probes_exit(void);
void po_probes_missed(struct po_missed *missed);

#endif /* _PO_PROBES_H */
