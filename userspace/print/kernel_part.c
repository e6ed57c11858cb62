// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of the kernel that open sockets, and how to show them. They are named
 * after modules, or after functions where built in.
 */

#include <string.h>

#include "lib/host_tunnels.h"
#include "lib/util.h"
#include "print/kernel_part.h"

#define DEVICE(type)							\
	"a " type " device",						\
	"Remove the " type " device that uses the port, or give it "	\
	"another port",							\
	"ip -d link show type " type, type

#define L2TP								\
	"an L2TP tunnel",						\
	"Remove the L2TP tunnel (ip l2tp del tunnel tunnel_id ID), or "	\
	"give it another udp_sport",					\
	"ip l2tp show tunnel", TUNNEL_L2TP

#define WIREGUARD							\
	"a WireGuard device",						\
	"Give the WireGuard device another port (wg set DEVICE "	\
	"listen-port PORT), or remove it",				\
	"wg show", TUNNEL_WIREGUARD

#define FOU								\
	"a FOU or GUE receive port",					\
	"Remove the receive port of FOU or GUE (ip fou del port PORT)",	\
	"ip fou show", NULL

#define SUNRPC								\
	"NFS, its lock manager or another RPC service",			\
	"Stop the NFS server or unmount the NFS file systems that use "	\
	"the port, or give them another one (nfs.conf, "		\
	"sunrpc.min_resvport)",						\
	"rpcinfo -p\nfindmnt -t nfs,nfs4", NULL

#define RXRPC								\
	"an AFS client or another user of RxRPC",			\
	"Unmount the AFS file systems, or end the RxRPC service",	\
	"cat /proc/net/rxrpc/locals", NULL

#define RDS								\
	"RDS over TCP",							\
	"Unload rds_tcp if nothing uses RDS (modprobe -r rds_tcp)",	\
	"rds-info -T", NULL

#define SMC								\
	"an SMC socket, for which it stands in as TCP",			\
	"End the program that has the SMC socket",			\
	"smcss -a", NULL

#define TIPC								\
	"a TIPC bearer over UDP",					\
	"Disable the TIPC bearer (tipc bearer disable)",		\
	"tipc bearer list", NULL

#define DLM								\
	"the distributed lock manager",					\
	"Leave the lockspaces of the cluster, or give DLM another port", \
	"dlm_tool ls", NULL

#define RDMA								\
	"a software RDMA device",					\
	"Remove the RDMA link that uses the port (rdma link delete)",	\
	"rdma link show", NULL

static const struct kernel_part parts[] = {
	{ "l2tp",	L2TP },
	{ "wireguard",	WIREGUARD },
	{ "wg_",	WIREGUARD },
	{ "vxlan",	DEVICE("vxlan") },
	{ "geneve",	DEVICE("geneve") },
	{ "gtp",	DEVICE("gtp") },
	{ "bareudp",	DEVICE("bareudp") },
	{ "amt",	DEVICE("amt") },
	{ "ovpn",	DEVICE("ovpn") },
	{ "fou",	FOU },
	{ "gue_",	FOU },
	{ "sunrpc",	SUNRPC },
	{ "svc_",	SUNRPC },
	{ "xs_",	SUNRPC },
	{ "nfsd",	SUNRPC },
	{ "nfs",	SUNRPC },
	{ "lockd",	SUNRPC },
	{ "rxrpc",	RXRPC },
	{ "kafs",	RXRPC },
	{ "rds",	RDS },
	{ "smc",	SMC },
	{ "tipc",	TIPC },
	{ "dlm",	DLM },
	{ "rdma_rxe",	RDMA },
	{ "rxe_",	RDMA },
	{ "siw",	RDMA },
	{ "iscsi_target_mod",
	  "an iSCSI target",
	  "Remove the portal of the iSCSI target", "targetcli ls", NULL },
	{ "iscsi_tcp",
	  "an iSCSI session",
	  "Log out of the iSCSI session (iscsiadm -m session -u)",
	  "iscsiadm -m session", NULL },
	{ "nvmet",
	  "an NVMe target over TCP",
	  "Remove the port of the NVMe target",
	  "nvmetcli ls", NULL },
	{ "nvme",
	  "an NVMe host over TCP",
	  "Disconnect from the NVMe target (nvme disconnect)",
	  "nvme list-subsys", NULL },
	{ "ksmbd",
	  "the SMB server of the kernel",
	  "Stop the SMB server of the kernel, or give it another port (tcp port in ksmbd.conf)",
	  "cat /etc/ksmbd/ksmbd.conf", NULL },
	{ "cifs",
	  "an SMB mount",
	  "Unmount the SMB file systems that use the port",
	  "findmnt -t cifs,smb3", NULL },
	{ "libceph",
	  "a Ceph client",
	  "Unmount the Ceph file systems, or unmap the block devices, that use the port",
	  "findmnt -t ceph", NULL },
	{ "ip_vs",
	  "the synchronization daemon of IPVS",
	  "Stop the synchronization daemon of IPVS (ipvsadm --stop-daemon)",
	  "ipvsadm -l --daemon", NULL },
	{ "drbd",
	  "a DRBD device",
	  "Disconnect the DRBD resource that uses the port",
	  "drbdadm status", NULL },
	{ "sctp_udp",
	  "SCTP over UDP",
	  "Switch the encapsulation of SCTP in UDP off, or move it",
	  "sysctl net.sctp.udp_port", NULL },
};

/**
 * kernel_part_find() - Look up a part of the kernel.
 * @owner: its name, as reported by the module
 *
 * Return: the part, or NULL if it is not known.
 */
const struct kernel_part *kernel_part_find(const char *owner)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strncmp(parts[i].prefix, owner, strlen(parts[i].prefix)))
			return &parts[i];
	return NULL;
}

/**
 * kernel_part_has_type() - Can its devices be listed by their type?
 * @part: the part
 *
 * L2TP devices have none, but their tunnel stays where its socket is.
 *
 * Return: true if "ip link show type" lists them.
 */
bool kernel_part_has_type(const struct kernel_part *part)
{
	return part->device && strcmp(part->device, TUNNEL_L2TP) != 0;
}
