/* SPDX-License-Identifier: GPL-2.0 */
/* What to do when the kernel module is not loaded. */
#ifndef PORTOWNER_LOADING_H
#define PORTOWNER_LOADING_H

char *loading_advice(void);

#endif /* PORTOWNER_LOADING_H */
