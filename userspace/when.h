/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTOWNER_WHEN_H
#define PORTOWNER_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

__u64 when_now(void);
void when_format(__u64 time_ns, char *buf, size_t size);
void when_format_age(__u64 age_ns, char *buf, size_t size);
bool when_parse_seconds(const char *text, __u64 *time_ns);
bool when_parse(const char *text, __u64 now_ns, __u64 *time_ns);

#endif /* PORTOWNER_WHEN_H */
