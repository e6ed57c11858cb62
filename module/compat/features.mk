# SPDX-License-Identifier: GPL-2.0
# Detect features of this kernel in its headers and pass them to ours here: version
# numbers would not do, since distributions backport features. The build stops if a
# header is missing, because it is unknown then whether the feature is present.

# $(call po-has,HEADER,REGEX): y if a line of the header matches
po-has = $(if $(wildcard $(srctree)/include/$(1)),$(shell \
	grep -qE '$(2)' $(srctree)/include/$(1) && echo y),$(error \
	portowner: this kernel has no include/$(1); update compat/features.mk))

# $(call po-feature,NAME,HEADER,REGEX)
po-feature = $(if $(call po-has,$(2),$(3)),-DPO_HAS_$(1))

ccflags-y += $(call po-feature,GENL_SPLIT_OPS,net/genetlink.h,^struct genl_split_ops )
ccflags-y += $(call po-feature,GENL_INFO_DUMP,net/genetlink.h,genl_info_dump)
ccflags-y += $(call po-feature,NET_UDP_TABLE,net/netns/ipv4.h,udp_table;)
ccflags-y += $(call po-feature,GROUP_CLOSED,net/sock_reuseport.h,num_closed_socks)
ccflags-y += $(call po-feature,SK_PORT_RANGE,net/ip.h,inet_sk_get_local_port_range)
ccflags-y += $(call po-feature,ADDR_BUCKETS,net/inet_hashtables.h,^struct inet_bind2_bucket )
ccflags-y += $(call po-feature,ADDR_BUCKET_FAMILY,net/inet_hashtables.h,unsigned short[[:space:]]+family;)
ccflags-y += $(call po-feature,ADDR_BUCKET_OWNERS,net/inet_hashtables.h,bhash_node;)
ccflags-y += $(call po-feature,ANY_HASHED_BY_PORT,net/inet_hashtables.h,inet_use_hash2_on_bind)
ccflags-y += $(call po-feature,RAW_RWLOCK,net/raw.h,rwlock_t)
ccflags-y += $(call po-feature,FILE_OPEN_ROOT_MNT,linux/fs.h,file_open_root_mnt)
ccflags-y += $(call po-feature,DFL_WQ,linux/workqueue.h,system_dfl_wq)
ccflags-y += $(call po-feature,SCTP_DEVICES,net/netns/sctp.h,l3mdev_accept)
ccflags-y += $(call po-feature,SOCK_FROM_FILE_ERR,linux/net.h,sock_from_file.struct file .file. int)
ccflags-y += $(call po-feature,SOCK_I_UID,net/sock.h,sock_i_uid)
ccflags-y += $(call po-feature,CGROUP_BPF_TYPES,linux/bpf-cgroup.h,[^_]CGROUP_INET4_BIND)
