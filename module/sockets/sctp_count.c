// SPDX-License-Identifier: GPL-2.0
/*
 * How many SCTP sockets there are, and how they are recognised. Both need
 * structures that the SCTP module does not export. They are learned from a new
 * socket when SCTP is loaded, so that no refused bind has to do it.
 */

#include <linux/cpumask.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/sctp/sctp.h>
#include <net/sock.h>

#include "core/core.h"
#include "sockets/tables.h"

/* Sockets and associations on the host that a bounded walk passes. */
#define PO_SCTP_FEW	1024

/* Estimated instructions to pass one of them. */
#define PO_COST_SCTP_PASS	60

/* IPv4, and IPv6 if supported, as last learned from the SCTP module. */
static struct po_sctp_family po_sctp_families[2];

/* Protects the above; written under po_sctp_learning as well. */
static DEFINE_SPINLOCK(po_sctp_lock);
static DEFINE_MUTEX(po_sctp_learning);

/* Learn the properties of a family from a new socket. */
static void po_sctp_probe_family(struct po_sctp_family *fam, int family)
{
	struct socket *socket;

	if (sock_create_kern(&init_net, family, SOCK_SEQPACKET, IPPROTO_SCTP,
			     &socket))
		return;

	fam->prot = socket->sk->sk_prot;
	fam->ops = socket->ops;
	sock_release(socket);
}

/* Copy the families. Returns whether they are those of SCTP as it is loaded now. */
static bool po_sctp_learned(const struct net *net,
			    struct po_sctp_family *families)
{
	const struct proto *prot = net->sctp.ctl_sock->sk_prot;

	spin_lock(&po_sctp_lock);
	memcpy(families, po_sctp_families, sizeof(po_sctp_families));
	spin_unlock(&po_sctp_lock);

	return families[0].prot == prot || families[1].prot == prot;
}

/**
 * po_sctp_get_families() - get the properties of SCTP sockets
 * @net: namespace; SCTP is loaded, and the caller prevents its unloading
 * @families: result: IPv4, and IPv6 if supported
 * @learn: learn them if that failed when SCTP was loaded; else do not wait
 *
 * Context: may sleep if @learn, and takes po_sctp_learning then.
 * Return: true if they are known.
 */
bool po_sctp_get_families(struct net *net, struct po_sctp_family *families,
			  bool learn)
{
	struct po_sctp_family learned[2] = {};

	if (po_sctp_learned(net, families))
		return true;
	if (!learn)
		return false;

	mutex_lock(&po_sctp_learning);
	if (!po_sctp_learned(net, families)) {
		po_sctp_probe_family(&learned[0], AF_INET);
		/* Otherwise the kernel would try to load IPv6. */
		if (ipv6_mod_enabled())
			po_sctp_probe_family(&learned[1], AF_INET6);
		spin_lock(&po_sctp_lock);
		memcpy(po_sctp_families, learned, sizeof(learned));
		spin_unlock(&po_sctp_lock);
	}
	mutex_unlock(&po_sctp_learning);

	return po_sctp_learned(net, families);
}

/**
 * po_sctp_count() - count the SCTP sockets of a namespace
 * @net: namespace
 * @families: result of po_sctp_get_families()
 *
 * Context: any; the caller prevents the unloading of SCTP.
 * Return: number of sockets, without SCTP's own; negative if it is not known.
 */
int po_sctp_count(struct net *net, const struct po_sctp_family *families)
{
	int i, nr = -1;

	for (i = 0; i < 2; i++)
		if (families[i].prot)
			nr += sock_prot_inuse_get(net, families[i].prot);

	return nr;
}

/**
 * po_sctp_count_all() - count the SCTP sockets of the host
 * @net: any namespace
 *
 * Context: any; the caller prevents the unloading of SCTP.
 * Return: number of sockets, including one of SCTP's own for each namespace.
 */
u32 po_sctp_count_all(struct net *net)
{
	/* One counter for both families. */
	return percpu_counter_sum_positive(net->sctp.ctl_sock->sk_prot->sockets_allocated);
}

/* Number of established associations of a namespace. */
static u32 po_sctp_count_assocs(struct net *net)
{
	const struct sctp_mib *mib;
	unsigned long nr = 0;
	int cpu;

	/* One may be counted on one CPU, and uncounted on another. */
	for_each_possible_cpu(cpu) {
		mib = per_cpu_ptr(net->sctp.sctp_statistics, cpu);
		nr += mib->mibs[SCTP_MIB_CURRESTAB];
	}

	return max_t(long, nr, 0);
}

/**
 * po_sctp_few() - whether the host has few sockets and associations of SCTP
 * @net: any namespace
 * @snap: snapshot whose budget is charged for counting and passing them
 *
 * Only established associations are counted. Others, of which one socket can have
 * many, do not last: they time out, or are shut down.
 *
 * Context: any; the caller prevents the unloading of SCTP.
 * Return: true if a walk may pass them all in a refused bind.
 */
bool po_sctp_few(struct net *net, struct po_snap *snap)
{
	u32 nr = po_sctp_count_all(net), read = 0;
	bool few = true;

	rcu_read_lock();
	for_each_net_rcu(net) {
		if (!READ_ONCE(net->sctp.ctl_sock))
			continue;
		read += num_possible_cpus();
		nr += po_sctp_count_assocs(net);
		few = read <= PO_COUNTS_MAX && nr <= PO_SCTP_FEW;
		if (!few)
			break;
	}
	rcu_read_unlock();
	po_spend(snap, read * PO_COST_COUNT + (few ? nr * PO_COST_SCTP_PASS : 0));

	return few;
}

static void po_sctp_learn(void)
{
	struct po_sctp_family families[2];

	/* Do not load SCTP, which a new socket would, and keep it loaded. */
	if (!READ_ONCE(init_net.sctp.ctl_sock) ||
	    !symbol_get(sctp_for_each_endpoint))
		return;

	po_sctp_get_families(&init_net, families, true);
	symbol_put(sctp_for_each_endpoint);
}

static int po_sctp_module_event(struct notifier_block *nb, unsigned long event,
				void *data)
{
	const struct module *module = data;

	if (event == MODULE_STATE_LIVE && !strcmp(module->name, "sctp"))
		po_sctp_learn();

	return NOTIFY_DONE;
}

static struct notifier_block po_sctp_notifier = {
	.notifier_call	= po_sctp_module_event,
};

/**
 * po_sctp_init() - learn about SCTP, now or when it is loaded
 *
 * Context: may sleep.
 */
void __init po_sctp_init(void)
{
	register_module_notifier(&po_sctp_notifier);
	po_sctp_learn();
}

/**
 * po_sctp_exit() - undo po_sctp_init()
 *
 * Context: may sleep.
 */
void po_sctp_exit(void)
{
	unregister_module_notifier(&po_sctp_notifier);
}
