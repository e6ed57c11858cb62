/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fixture: processes that hold something until the one that started them
 * has nothing more to read on its standard input.
 */
#ifndef BENCH_PORTOWNER_HOLD_H
#define BENCH_PORTOWNER_HOLD_H

void hold_init(int fds_max);
int hold_start(void);
void hold_ready(void);
void hold_until_end(int processes);

int tcp_listen(const char *ip, int port);

#endif
