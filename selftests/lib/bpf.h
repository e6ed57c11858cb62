/* SPDX-License-Identifier: GPL-2.0 */
/* In-kernel programs that refuse or count; see die.h for failures. */
#ifndef SELFTEST_PORTOWNER_BPF_H
#define SELFTEST_PORTOWNER_BPF_H

#include <linux/bpf.h>

/* Name of programs in cgroups. */
#define BPF_NAME	"refuse"

int bpf_lsm_refuse(const char *hook, int err);
int bpf_cgroup_refuse(int cgroup, enum bpf_attach_type type, int err);

/* A program that counts calls, and the map with the count. */
struct bpf_tracer {
	int link;
	int map;
};

int bpf_trace(struct bpf_tracer *tracer, const char *symbol,
	      enum bpf_attach_type type);
__u64 bpf_traced(const struct bpf_tracer *tracer);
void bpf_trace_end(struct bpf_tracer *tracer);

#endif
