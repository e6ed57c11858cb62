/* SPDX-License-Identifier: GPL-2.0 */
/* Processes named in a dump, which describes each one only once. */
#ifndef PORTOWNER_PROC_CACHE_H
#define PORTOWNER_PROC_CACHE_H

#include "model/model.h"

struct proc_cache;

void proc_cache_add(struct proc_cache **cache, struct owner *owner,
		    const char *comm, const char *exe, const char *cgroup);
int proc_cache_repeat(struct proc_cache *cache, struct owner *owner);
void proc_cache_free(struct proc_cache *cache);

#endif /* PORTOWNER_PROC_CACHE_H */
