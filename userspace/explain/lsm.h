/* SPDX-License-Identifier: GPL-2.0 */
/* Security modules that can refuse a bind. */
#ifndef PORTOWNER_LSM_H
#define PORTOWNER_LSM_H

char *lsms_that_refuse(void);

#endif /* PORTOWNER_LSM_H */
