/* SPDX-License-Identifier: GPL-2.0 */
/* What is written to a file, and read from there. */
#ifndef PORTOWNER_AUDIT_JSON_PRIV_H
#define PORTOWNER_AUDIT_JSON_PRIV_H

/* Changed when an older tool would misread what a newer one wrote. */
#define AUDIT_FORMAT		1

/* In "unchecked", besides identifiers of findings. */
#define UNCHECKED_SYSCTLS_NAME	"sysctls-of-other-netns"

#endif /* PORTOWNER_AUDIT_JSON_PRIV_H */
