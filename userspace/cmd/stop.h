/* SPDX-License-Identifier: GPL-2.0 */
/* End on a signal, with whole lines. */
#ifndef PORTOWNER_STOP_H
#define PORTOWNER_STOP_H

int stop_on_signals(void);
int stop_fd(void);

#endif /* PORTOWNER_STOP_H */
