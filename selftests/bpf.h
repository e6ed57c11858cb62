/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that refuse, in the kernel; see die.h for failures. */
#ifndef SELFTEST_PORTOWNER_BPF_H
#define SELFTEST_PORTOWNER_BPF_H

#include <linux/bpf.h>

int bpf_lsm_refuse(const char *hook, int err);
int bpf_cgroup_refuse(int cgroup, enum bpf_attach_type type, int err);

#endif
