/* SPDX-License-Identifier: GPL-2.0 */
/* Findings of an audit. */
#ifndef PORTOWNER_FINDING_H
#define PORTOWNER_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "audit/who.h"
#include "model/model.h"

/**
 * enum severity - Severities, worst first.
 * @SEVERITY_HIGH: someone can take what is meant for another
 * @SEVERITY_MEDIUM: not as the administrator intended
 * @SEVERITY_LOW: may go wrong one day
 * @SEVERITY_INFO: nothing is wrong
 * @SEVERITIES: number of severities
 */
enum severity {
	SEVERITY_HIGH,
	SEVERITY_MEDIUM,
	SEVERITY_LOW,
	SEVERITY_INFO,
	SEVERITIES,
};

/**
 * enum finding_id - Identifiers of findings, in display order.
 * @FINDING_UDP_HIJACK: any user may join a UDP port
 * @FINDING_SHARED_BY_USERS: sockets of several users share a port
 * @FINDING_SHARED_BY_PROGRAMS: sockets of several programs share a port
 * @FINDING_DELETED_BINARY: the executable was deleted or replaced
 * @FINDING_INHERITED_SOCKET: the binder has ended, and another program holds
 *	the socket
 * @FINDING_BINDER_GONE: the binder has ended, and no process holds the socket
 * @FINDING_PRIVILEGED_RANGE: users may bind ports below 1024
 * @FINDING_FIXED_PORT_IN_RANGE: the kernel may give the port away
 * @FINDING_KERNEL_OWNER: a part of the kernel owns the port
 * @FINDING_CONTAINER_PORT: a container holds the port
 * @FINDING_EXPOSED: other hosts may reach the port
 * @FINDINGS: number of identifiers
 */
enum finding_id {
	FINDING_UDP_HIJACK,
	FINDING_SHARED_BY_USERS,
	FINDING_SHARED_BY_PROGRAMS,
	FINDING_DELETED_BINARY,
	FINDING_INHERITED_SOCKET,
	FINDING_BINDER_GONE,
	FINDING_PRIVILEGED_RANGE,
	FINDING_FIXED_PORT_IN_RANGE,
	FINDING_KERNEL_OWNER,
	FINDING_CONTAINER_PORT,
	FINDING_EXPOSED,
	FINDINGS,
};

/* Set in @unchecked, besides bit N for finding N. */
#define UNCHECKED_SYSCTLS	0x10000U

/**
 * struct finding - A finding about an endpoint or about the host.
 * @id: its identifier
 * @severity: its severity
 * @has_endpoint: the members up to @netns_name describe an endpoint; otherwise
 *	@port is the value of the sysctl
 * @proto: name of the protocol
 * @addr: local address
 * @dev: device that the socket is bound to, or NULL
 * @port: in host byte order
 * @automatic: the port changes with each restart
 * @netns: inode number of the network namespace
 * @elsewhere: the tool was not in that namespace
 * @netns_name: its name, untrusted bytes, or NULL
 * @who: owners of the sockets
 * @socks: array: the sockets, none if read from a file
 * @n_socks: elements in @socks
 * @room: elements allocated
 * @text: the observation, as a sentence
 * @remedy: the remedy, as a sentence
 */
struct finding {
	enum finding_id id;
	enum severity severity;
	bool has_endpoint;
	char *proto;
	char *addr;
	char *dev;
	__u16 port;
	bool automatic;
	__u32 netns;
	bool elsewhere;
	char *netns_name;
	struct who_list who;
	const struct psock **socks;
	size_t n_socks;
	size_t room;
	char *text;
	char *remedy;
};

/**
 * struct finding_list - Findings.
 * @v: array
 * @n: elements in @v
 * @room: elements allocated
 */
struct finding_list {
	struct finding *v;
	size_t n;
	size_t room;
};

const char *finding_name(enum finding_id id);
const char *finding_title(enum finding_id id);
bool finding_parse(const char *name, enum finding_id *id);
const char *severity_name(enum severity severity);
bool severity_parse(const char *name, enum severity *severity);

struct finding *finding_add(struct finding_list *list);
void finding_drop_last(struct finding_list *list);
void finding_add_socket(struct finding *finding, const struct psock *sock);
bool finding_same_place(const struct finding *a, const struct finding *b);
int finding_compare_place(const struct finding *a, const struct finding *b);
void finding_list_sort(struct finding_list *list);
char *finding_where(const struct finding *finding);
void finding_list_clear(struct finding_list *list);

#endif /* PORTOWNER_FINDING_H */
