/* SPDX-License-Identifier: GPL-2.0 */
/* File format shared by writer and reader. */
#ifndef PORTOWNER_AUDIT_JSON_PRIV_H
#define PORTOWNER_AUDIT_JSON_PRIV_H

/* Incremented when an older tool would misread a newer file. */
#define AUDIT_FORMAT		1

/* Listed in "unchecked", besides identifiers of findings. */
#define UNCHECKED_SYSCTLS_NAME	"sysctls-of-other-netns"

#endif /* PORTOWNER_AUDIT_JSON_PRIV_H */
