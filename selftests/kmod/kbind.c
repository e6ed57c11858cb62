// SPDX-License-Identifier: GPL-2.0
/*
 * Bind as the kernel does, from a kernel thread in the network namespace of
 * the task that loads this. If that is refused, loading fails with its errno;
 * else the socket is there until the module is unloaded.
 */

#include <linux/completion.h>
#include <linux/file.h>
#include <linux/in.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include <net/sock.h>

static ushort port;
module_param(port, ushort, 0);
MODULE_PARM_DESC(port, "port of 127.0.0.1 to bind to");

static ushort peer;
module_param(peer, ushort, 0);
MODULE_PARM_DESC(peer, "port of 127.0.0.1 to connect to, unless 0");

static bool udp;
module_param(udp, bool, 0);
MODULE_PARM_DESC(udp, "a UDP socket in place of a TCP one");

static bool file;
module_param(file, bool, 0);
MODULE_PARM_DESC(file, "give it a file that no process has, as NFS does");

static bool past;
module_param(past, bool, 0);
MODULE_PARM_DESC(past, "past kernel_bind(), as few do");

static struct socket *sock;
static void (*usual_ready)(struct sock *sk);
static struct net *net;
static DECLARE_COMPLETION(done);

/* This identifies the owner of the socket. */
static void kbind_ready(struct sock *sk)
{
}

/* A file would be closed later, when this module is gone. */
static void kbind_release(void)
{
	sock->sk->sk_data_ready = usual_ready;
	if (sock->file)
		fput(sock->file);
	else
		sock_release(sock);
}

static int kbind_file(void)
{
	struct file *f = sock_alloc_file(sock, O_NONBLOCK, NULL);

	/* The socket goes with it. */
	return PTR_ERR_OR_ZERO(f);
}

static int kbind(void)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int err;

	err = sock_create_kern(net, AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM,
			       udp ? IPPROTO_UDP : IPPROTO_TCP, &sock);
	if (err)
		return err;

	if (file) {
		err = kbind_file();
		if (err)
			return err;
	}
	usual_ready = sock->sk->sk_data_ready;
	sock->sk->sk_data_ready = kbind_ready;

	/* Which struct they want depends on the kernel. */
	if (past)
		err = sock->ops->bind(sock, (void *)&addr, sizeof(addr));
	else
		err = kernel_bind(sock, (void *)&addr, sizeof(addr));
	addr.sin_port = htons(peer);
	if (!err && peer)
		err = kernel_connect(sock, (void *)&addr, sizeof(addr), 0);
	if (err)
		kbind_release();

	return err;
}

/* It has to exist until it is stopped. */
static int kbind_thread(void *unused)
{
	int err = kbind();

	complete(&done);
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);

	return err;
}

static int __init kbind_init(void)
{
	struct task_struct *task;
	int err;

	task = kthread_create(kbind_thread, NULL, "kbind");
	if (IS_ERR(task))
		return PTR_ERR(task);

	net = get_net(current->nsproxy->net_ns);
	wake_up_process(task);
	wait_for_completion(&done);
	err = kthread_stop(task);
	if (err)
		put_net(net);

	return err;
}

static void __exit kbind_exit(void)
{
	kbind_release();
	put_net(net);
}

module_init(kbind_init);
module_exit(kbind_exit);

MODULE_DESCRIPTION("binds a socket of the kernel");
MODULE_LICENSE("GPL");
