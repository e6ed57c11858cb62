/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTOWNER_TIME_FMT_H
#define PORTOWNER_TIME_FMT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

__u64 time_fmt_now(void);
__s64 time_fmt_clock(void);
__u64 time_fmt_then(__u64 time_ns, __u64 boot_ns, __s64 clock);
void time_fmt_stamp(__u64 time_ns, char *buf, size_t size);
void time_fmt_local(__u64 time_ns, char *buf, size_t size);
void time_fmt_short(__u64 time_ns, __u64 now_ns, char *buf, size_t size);
void time_fmt_age(__u64 age_ns, char *buf, size_t size);
bool time_fmt_parse_seconds(const char *text, __u64 *time_ns);
bool time_fmt_parse_duration(const char *text, __u64 *ns);
bool time_fmt_parse(const char *text, __u64 now_ns, __u64 *time_ns);

#endif /* PORTOWNER_TIME_FMT_H */
