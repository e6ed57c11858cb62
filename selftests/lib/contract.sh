# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The JSON that the portowner tool promises. Sourced after lib.sh.

# The keys and types of the contract, for json().
# shellcheck disable=SC2016,SC2034
jq_prelude='
def s: type == "string";
def n: type == "number" and . == floor and . >= 0;
def b: type == "boolean";
def nil(f): . == null or f;
def one(list): . as $v | list | index([$v]) != null;
def has_just(list): (keys | sort) == (list | sort);
def is_owner:
	has_just(["pid","fd","comm","exe","uid","cgroup","unit","container"]) and
	(.pid|n) and (.fd|n) and (.comm|s) and (.exe|nil(s)) and (.uid|n) and
	(.cgroup|nil(s)) and (.unit|nil(s)) and (.container|nil(s));
def is_binder:
	has_just(["pid","comm","uid","alive"]) and
	(.pid|n) and (.comm|s) and (.uid|n) and (.alive|b);
def is_peer: has_just(["addr","port"]) and (.addr|s) and (.port|n);
def is_prog: has_just(["id","name"]) and (.id|n) and (.name|nil(s));
def is_choice:
	has_just(["by","cookie"]) and (.cookie|nil(n)) and
	(.by|one(["bpf","hash","all","bound-last","address"]));
def is_joining:
	has_just(["uid","reuseaddr","reuseport"]) and (.uid|nil(n)) and
	(.reuseaddr|b) and (.reuseport|b);
def is_backlog: has_just(["waiting","max"]) and (.waiting|n) and (.max|n);
def is_purpose: has_just(["what","command"]) and (.what|s) and (.command|s);
def is_forwards:
	has_just(["engine","container","addr","port"]) and
	(.engine|one(["docker","podman"])) and (.container|nil(s)) and
	(.addr|nil(s)) and (.port|nil(n));
def is_place:
	has_just(["where","pid","comm"]) and (.pid|n) and (.comm|nil(s)) and
	(.where|nil(one(["in-flight","io-uring"])));
def is_socket:
	has_just(["proto","family","addr","port","dev","state","netns",
		"netns_name","cookie","inode","uid","reuseaddr","reuseport",
		"v6only","freebind","transparent","share","group_size",
		"choice","may_join","covers","backlog","expires_ns","peer",
		"port_by_kernel","kernel_owner","kernel_dev","kernel_netns",
		"purpose","forwards",
		"owners_incomplete","unseen_refs","unseen","owners_hidden",
		"age_ns","binder","owners"]) and
	(.choice|nil(is_choice)) and (.may_join|nil(all(is_joining))) and
	(.covers|nil(s)) and (.backlog|nil(is_backlog)) and
	(.purpose|nil(is_purpose)) and (.forwards|nil(is_forwards)) and
	(.unseen|nil(all(is_place))) and
	(.proto|one(["tcp","udp","mptcp","udplite","sctp","icmp","raw"])) and
	(.family|one(["inet","inet6"])) and
	(.addr|s) and (.port|n) and (.dev|nil(s)) and
	(.state|one(["listen","bound","established","time-wait","syn-sent",
		"syn-recv","fin-wait-1","fin-wait-2","close-wait","last-ack",
		"closing","shutdown-pending","shutdown-sent",
		"shutdown-received","shutdown-ack-sent"])) and
	(.peer|nil(is_peer)) and (.port_by_kernel|nil(b)) and
	(.expires_ns|nil(n)) and
	(.netns|n) and (.netns_name|nil(s)) and (.cookie|n) and (.inode|n) and
	(.uid|nil(n)) and (.reuseaddr|b) and (.reuseport|b) and (.v6only|b) and
	(.freebind|b) and (.transparent|b) and
	(.share|nil(one(["exclusive","reuseport","reuseaddr","inherited"]))) and
	(.group_size|nil(n)) and (.kernel_owner|nil(s)) and
	(.kernel_dev|nil(s)) and (.kernel_netns|nil(n)) and
	(.owners_incomplete|b) and
	(.unseen_refs|nil(n)) and (.owners_hidden|b) and (.age_ns|nil(n)) and
	(.binder|nil(is_binder)) and (.owners|type == "array") and
	(.owners|all(is_owner));
def is_reject:
	has_just(["seq","time","op","errno","proto","family","addr","port",
		"dev","netns","reuseaddr","reuseport","v6only","pid","comm",
		"exe","uid","cgroup","rule","reason","reason_dev",
		"reason_netns","bpf_prog","peer","culprits_incomplete",
		"culprits","count","first_time"]) and
	(.reason|nil(s)) and (.reason_dev|nil(s)) and (.reason_netns|nil(n)) and
	(.bpf_prog|nil(is_prog)) and (.peer|nil(is_peer)) and
	(.seq|n) and (.count|n) and .count > 0 and .first_time <= .time and
	(.time|test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}(Z|[+-][0-9:]+)$")) and
	(.op|one(["bind","listen","autobind"])) and
	(.errno|test("^E[A-Z]+$")) and (.proto|s) and
	(.family|one(["inet","inet6"])) and (.addr|s) and (.port|n) and
	(.dev|nil(s)) and (.netns|n) and (.reuseaddr|b) and (.reuseport|b) and
	(.v6only|b) and (.pid|n) and (.comm|s) and (.exe|nil(s)) and (.uid|n) and
	(.cgroup|nil(s)) and
	(.rule|one(["address-in-use","reuseport-uid-differs",
		"reuseaddr-holder-listening","time-wait","wildcard-covers",
		"dual-stack-covers","ephemeral-exhausted","address-not-local",
		"privileged-port","already-bound","denied-by-lsm",
		"denied-by-bpf","invalid-argument","other"])) and
	(.culprits_incomplete|b) and (.culprits|all(is_socket));
'
