// SPDX-License-Identifier: GPL-2.0
/*
 * A 32-bit program that wants 127.0.0.1:8080, by either way there is: through
 * socketcall(2), as libraries did for long, and by system calls of their own.
 * Ends with the errno of both, or with 0 if they differ.
 *
 * Neither headers nor libraries for 32 bits are needed to build it.
 */

#define NR_EXIT		1
#define NR_SOCKETCALL	102
#define NR_SOCKET	359
#define NR_BIND		361

#define CALL_SOCKET	1
#define CALL_BIND	2

#define AF_INET		2
#define SOCK_STREAM	1

static int call(int nr, long a, long b, long c)
{
	int ret;

	asm volatile("int $0x80" : "=a"(ret)
		     : "0"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

struct address {
	unsigned short family;
	unsigned char port[2];
	unsigned char ip[4];
	unsigned char zero[8];
};

void _start(void)
{
	static const struct address addr = {
		AF_INET, { 8080 >> 8, 8080 & 255 }, { 127, 0, 0, 1 }, { 0 }
	};
	long args[3] = { AF_INET, SOCK_STREAM, 0 };
	int old, new;

	args[0] = call(NR_SOCKETCALL, CALL_SOCKET, (long)args, 0);
	args[1] = (long)&addr;
	args[2] = sizeof(addr);
	old = call(NR_SOCKETCALL, CALL_BIND, (long)args, 0);
	new = call(NR_BIND, call(NR_SOCKET, AF_INET, SOCK_STREAM, 0),
		   (long)&addr, sizeof(addr));
	call(NR_EXIT, old == new ? -old : 0, 0, 0);
	__builtin_unreachable();
}
