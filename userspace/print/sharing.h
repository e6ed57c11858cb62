/* SPDX-License-Identifier: GPL-2.0 */
/* Which sockets share a port, and who else may join, in words. */
#ifndef PORTOWNER_SHARING_H
#define PORTOWNER_SHARING_H

#include <stdbool.h>

#include "model/model.h"

/**
 * struct joining - Who else may bind the address of a socket.
 * @anyone: any user, with SO_REUSEADDR
 * @user: user @uid, with SO_REUSEPORT
 * @user_both: user @uid, with both options
 * @reuseaddr: all sockets on the port set SO_REUSEADDR
 * @has_uid: @uid is known
 * @uid: user of the first socket on the port that does not tolerate any user
 * @unknown: options of a socket on the port are unknown, and so is the answer
 */
struct joining {
	bool anyone;
	bool user;
	bool user_both;
	bool reuseaddr;
	bool has_uid;
	__u32 uid;
	bool unknown;
};

/**
 * enum choice_by - Which of several sockets gets incoming traffic.
 * @CHOICE_NONE: there is no choice
 * @CHOICE_BPF: the one that a BPF program chooses
 * @CHOICE_HASH: the one that a hash of addresses and ports chooses
 * @CHOICE_ALL: each of them gets a copy
 * @CHOICE_LAST: of those with the same address, the one bound last
 * @CHOICE_ADDRESS: the one with the most specific address
 */
enum choice_by {
	CHOICE_NONE,
	CHOICE_BPF,
	CHOICE_HASH,
	CHOICE_ALL,
	CHOICE_LAST,
	CHOICE_ADDRESS,
};

/**
 * struct choice - Who gets incoming traffic.
 * @by: how it is chosen
 * @receiver: who gets unicast, or NULL if that varies or is unknown
 */
struct choice {
	enum choice_by by;
	const struct psock *receiver;
};

/**
 * struct sharing - The sockets on the ports shown.
 * @all: all sockets on each of these ports
 * @numeric: omit user names
 * @last: socket that @joining belongs to, or NULL
 * @joining: the last answer, kept because the next socket often has the same
 */
struct sharing {
	const struct psock_list *all;
	bool numeric;
	const struct psock *last;
	struct joining joining;
};

const struct joining *sharing_joining(struct sharing *sharing,
				      const struct psock *sock);
struct choice sharing_choice(const struct sharing *sharing,
			     const struct psock *sock);
const char *choice_name(enum choice_by by);
void sharing_print(struct sharing *sharing, const struct psock *sock);

#endif /* PORTOWNER_SHARING_H */
