/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of tables.c, one file for each protocol. */

#ifndef _PO_TABLES_H
#define _PO_TABLES_H

#include "internal.h"

/*
 * Whether eight buckets in a row are empty, at the cost of looking at two: the
 * list of the first is at @list, the next one @size bytes further.
 */
static inline bool po_eight_empty(const struct hlist_head *list, size_t size)
{
	unsigned long some = 0;
	int i;

#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		some |= (unsigned long)READ_ONCE(list->first);
		list = (const void *)((const u8 *)list + size);
	}

	return !some;
}

extern const struct po_table po_table_tcp;
extern const struct po_table po_table_udp;
extern const struct po_table po_table_udplite;
extern const struct po_table po_table_raw_v4;
extern const struct po_table po_table_raw_v6;
extern const struct po_table po_table_ping;
extern const struct po_table po_table_sctp;

int po_ping_init(void);

#endif /* _PO_TABLES_H */
