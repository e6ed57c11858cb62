/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets and network namespaces to test with; see die.h for failures. */
#ifndef SELFTEST_PORTOWNER_SOCK_H
#define SELFTEST_PORTOWNER_SOCK_H

#include <sys/socket.h>
#include <netinet/in.h>

#include <linux/types.h>

union sock_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

void ns_enter(void);
int ns_open(void);
void ns_switch(int fd);
__u32 ns_inode(void);
void sysctl_write(const char *name, const char *value);

socklen_t sock_addr(union sock_addr *addr, const char *ip, int port);
int sock_new(const char *ip, int type);
void sock_set(int fd, int level, int opt, int val);
int sock_get(int fd, int level, int opt);
int sock_bind(int fd, const char *ip, int port);
int sock_listen(int fd);
int sock_connect(int fd, const char *ip, int port);

int sock_bound(const char *ip, int type, int port);
int sock_bound_with(const char *ip, int type, int opt, int port);
int sock_listening(const char *ip, int port);

int sock_port(int fd);
__u64 sock_cookie(int fd);
__u64 sock_inode(int fd);
int sock_addr_bytes(const char *ip, void *addr);

/* A TCP connection; the listener stays open. */
struct sock_pair {
	int listener;
	int client;
	int child;
	int port;
};

void sock_pair(struct sock_pair *pair, const char *ip, int reuseaddr);
int sock_time_wait(const char *ip, int reuseaddr);

#endif
