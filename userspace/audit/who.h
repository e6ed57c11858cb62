/* SPDX-License-Identifier: GPL-2.0 */
/* Who holds a socket, in terms that survive a restart. */
#ifndef PORTOWNER_WHO_H
#define PORTOWNER_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "model/model.h"

/**
 * struct who - A user, a program and a unit.
 * @uid: user of the socket
 * @program: path of the executable, or its name if the path is not known, or
 *	the part of the kernel; untrusted bytes, or NULL
 * @unit: systemd unit or "container:ID", untrusted bytes, or NULL
 */
struct who {
	__u32 uid;
	char *program;
	char *unit;
};

/**
 * struct who_list - All holders of an endpoint.
 * @v: array, sorted and without duplicates
 * @n: elements in @v
 * @room: elements allocated
 * @unknown: some holders are not known
 */
struct who_list {
	struct who *v;
	size_t n;
	size_t room;
	bool unknown;
};

bool who_is_hidden(const struct psock *sock);
void who_add_socket(struct who_list *list, const struct psock *sock);
void who_add(struct who_list *list, __u32 uid, const char *program,
	     const char *unit);
bool who_same(const struct who_list *a, const struct who_list *b);
int who_compare_group(const struct who_list *a, const struct who_list *b);
char *who_words(const struct who_list *list, bool numeric);
char *who_words_group(const struct who_list *list, bool numeric);
char *who_program(const struct owner *owner);
bool who_is_deleted(const struct owner *owner);
void who_clear(struct who_list *list);

#endif /* PORTOWNER_WHO_H */
