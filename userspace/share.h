/* SPDX-License-Identifier: GPL-2.0 */
/* With whom a socket shares its port, and who else may join, in words. */
#ifndef PORTOWNER_SHARE_H
#define PORTOWNER_SHARE_H

#include <stdbool.h>

#include "model.h"

/**
 * struct joining - Who may bind what a socket is bound to.
 * @anyone: whoever sets SO_REUSEADDR
 * @user: whoever is @uid, with SO_REUSEPORT
 * @user_both: whoever is @uid, with both of them
 * @reuseaddr: all sockets there set SO_REUSEADDR
 * @has_uid: @uid is known
 * @uid: user of the first socket there that does not tolerate everybody
 */
struct joining {
	bool anyone;
	bool user;
	bool user_both;
	bool reuseaddr;
	bool has_uid;
	__u32 uid;
};

/**
 * struct share - Sockets among which to look.
 * @all: all sockets on each port that is looked at
 * @numeric: no names
 * @last: socket that @joining is about, or NULL
 * @joining: the last answer, since the next socket often has the same
 */
struct share {
	const struct psock_list *all;
	bool numeric;
	const struct psock *last;
	struct joining joining;
};

void share_print(struct share *share, const struct psock *sock);

#endif /* PORTOWNER_SHARE_H */
