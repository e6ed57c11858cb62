#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ports without a socket whose packets are redirected: by nftables rules, as made by
# nft, iptables and kube-proxy, and by IPVS services.

# Tests are called through ktap_test.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"
own_netns "$@"

as_user=(setpriv --reuid=1000 --regid=1000 --clear-groups)

needs()
{
	command -v "$1" >/dev/null || skip "no $1"
}

cleanup()
{
	nft flush ruleset
} 2>/dev/null

# redirected TARGET WORDS: brackets would be a pattern
redirected()
{
	exits 1 portowner "$1"
	has "${err[0]}" "$2" || fail "expected of $1: $2; it said: ${err[0]}"
}

not_redirected()
{
	redirected "$1" 'no socket holds it, and no nftables, iptables or IPVS rule redirects it'
}

# A query loads no module.
nothing_there()
{
	[ ! -e /sys/module/nf_tables ] || skip "nf_tables is loaded already"
	not_redirected 8400
	check test ! -e /sys/module/nf_tables
	check test ! -e /sys/module/ip_vs
}

published()
{
	needs nft
	check nft -f - <<-'END'
		table ip nat {
			chain DOCKER {
				iifname "docker0" return
				iifname != "docker0" tcp dport 8400 counter dnat to 172.17.0.2:80
				iifname != "docker0" udp dport 8401 dnat to 172.17.0.3:53
			}
			chain prerouting {
				type nat hook prerouting priority -100
				fib daddr type local jump DOCKER
			}
			chain output {
				type nat hook output priority -100
				ip daddr != 127.0.0.0/8 fib daddr type local jump DOCKER
			}
		}
	END
	redirected 8400 'an nftables rule redirects tcp packets to 172.17.0.2:80 (chain DOCKER of table ip nat)'
	redirected udp/8401 'redirects udp packets to 172.17.0.3:53'
	not_redirected udp/8400
	not_redirected 8402
	not_redirected '[::1]:8400'
	exits 1 portowner -J 8400
	json '.sockets == [] and .redirects == [{ target: "8400", by: "nftables", proto: "tcp",
		family: "inet", certain: true, here: false, addr: "172.17.0.2", port: 80,
		table_family: "ip", table: "nat", chain: "DOCKER" }]'
	# The port can be bound, as no socket holds it; but few packets would arrive.
	exits 0 portowner check 8400
	out_has 'note: what is sent to it may not arrive: an nftables rule redirects tcp packets to 172.17.0.2:80'
	exits 0 portowner -J check 8400
	json '.verdict == "ok" and .redirects[0].addr == "172.17.0.2"'
	exits 0 portowner check 8402
	out_lacks redirects
}

of_ipv6()
{
	needs nft
	check nft -f - <<-'END'
		table inet nat {
			chain prerouting {
				type nat hook prerouting priority -100
				meta nfproto ipv6 tcp dport 8410 dnat ip6 to [fd00::2]:80
				sctp dport 8411 redirect to :8412
			}
		}
	END
	redirected 8410 'redirects tcp packets to ?fd00::2?:80 (chain prerouting of table inet nat)'
	not_redirected 127.0.0.1:8410
	redirected sctp/8411 'redirects sctp packets to port 8412 of this host'
	not_redirected tcp/8411
}

# Ports in sets, maps and intervals.
sets()
{
	needs nft
	check nft -f - <<-'END'
		table ip nat {
			map forward-to {
				type inet_service : ipv4_addr . inet_service
				elements = { 8420 : 10.0.0.9 . 90, 8421 : 10.0.0.8 . 91 }
			}
			map addrs {
				type inet_service : ipv4_addr
				flags interval
				elements = { 8430-8439 : 10.1.0.1, 8440 : 10.1.0.2 }
			}
			set ports {
				type inet_service
				flags interval
				elements = { 8450-8459, 8470 }
			}
			chain prerouting {
				type nat hook prerouting priority -100
				tcp dport { 8422, 8423 } dnat to 172.17.0.4
				tcp dport 8424-8426 redirect to :3128
				tcp dport @ports redirect to :3129
				meta l4proto { tcp, udp } th dport 8427 redirect to :3130
				dnat to tcp dport map @forward-to
				dnat to tcp dport map @addrs
				ip daddr 192.0.2.1 tcp dport 8428 dnat to 10.9.9.9:8429
			}
		}
	END
	redirected 8421 'to 10.0.0.8:91 '
	redirected 8423 'to 172.17.0.4 '
	redirected 8425 'to port 3128 of this host'
	redirected udp/8427 'to port 3130 of this host'
	redirected 8439 'to 10.1.0.1 '
	redirected 8440 'to 10.1.0.2 '
	not_redirected 8441
	redirected 8450 'to port 3129 of this host'
	redirected 8459 'to port 3129 of this host'
	redirected 8470 'to port 3129 of this host'
	not_redirected 8460
	not_redirected 8449
	redirected 192.0.2.1:8428 'to 10.9.9.9:8429 '
	not_redirected 192.0.2.2:8428
}

# Everything from a device: not meant for this port in particular.
all_ports()
{
	needs nft
	check nft -f - <<-'END'
		table ip nat {
			chain prerouting {
				type nat hook prerouting priority -100
				iifname "dmz0" tcp dport != 22 dnat to 10.7.7.7
				iifname "dmz1" dnat to 10.7.7.8
			}
		}
	END
	redirected udp/8480 'an nftables rule may redirect udp packets to 10.7.7.8'
	exits 1 portowner -J udp/8480
	json '.redirects | length == 1 and .[0].certain == false'
}

# One of two servers, by a map of verdicts.
service()
{
	needs nft
	check nft -f - <<-'END'
		table ip kube-proxy {
			map service-ips {
				type ipv4_addr . inet_proto . inet_service : verdict
				elements = { 10.96.0.1 . tcp . 8490 : goto service }
			}
			map service-nodeports {
				type inet_proto . inet_service : verdict
				elements = { tcp . 30080 : goto service }
			}
			chain endpoint-1 { meta l4proto tcp dnat to 10.244.0.5:6443; }
			chain endpoint-2 { meta l4proto tcp dnat to 10.244.0.6:6443; }
			chain service {
				numgen random mod 2 vmap { 0 : goto endpoint-1, 1 : goto endpoint-2 }
			}
			chain services {
				ip daddr . meta l4proto . th dport vmap @service-ips
				fib daddr type local ip daddr != 127.0.0.0/8 \
					meta l4proto . th dport vmap @service-nodeports
			}
			chain nat-prerouting {
				type nat hook prerouting priority -100
				jump services
			}
		}
	END
	redirected 30080 'an nftables rule redirects tcp packets to 10.244.0.5:6443 (chain endpoint-1 of table ip kube-proxy)'
	redirected 30080 'an nftables rule redirects tcp packets to 10.244.0.6:6443 (chain endpoint-2 of table ip kube-proxy)'
	redirected 10.96.0.1:8490 'to 10.244.0.5:6443 '
	not_redirected 10.96.0.2:8490
	not_redirected 127.0.0.1:30080
	not_redirected udp/30080
}

# As Docker does.
by_iptables()
{
	local nat4=(iptables-nft -t nat) nat6=(ip6tables-nft -t nat)

	needs iptables-nft
	check "${nat4[@]}" -N DOCKER
	check "${nat4[@]}" -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
	check "${nat4[@]}" -A DOCKER -i docker0 -j RETURN
	check "${nat4[@]}" -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8500 -j DNAT \
		--to-destination 172.17.0.2:80
	check "${nat4[@]}" -A DOCKER ! -i docker0 -p udp --dport 8501 -j DNAT --to-destination 172.17.0.3
	check "${nat4[@]}" -A PREROUTING -p tcp -m multiport --dports 8502,8504:8506 -j REDIRECT \
		--to-ports 3128
	check "${nat6[@]}" -A PREROUTING -p tcp --dport 8510 -j DNAT --to-destination '[fd00::5]:80'
	redirected 8500 'an iptables rule redirects tcp packets to 172.17.0.2:80 (chain DOCKER of table ip nat)'
	redirected 8501 'redirects udp packets to 172.17.0.3 '
	redirected 8502 'to port 3128 of this host'
	redirected 8505 'to port 3128 of this host'
	not_redirected 8503
	redirected 8510 'an iptables rule redirects tcp packets to ?fd00::5?:80 (chain PREROUTING of table ip6 nat)'
	exits 1 portowner -J 8500
	json '.redirects[0].by == "iptables"'
}

by_ipvs()
{
	needs ipvsadm
	modprobe ip_vs || skip "no IPVS"
	check ipvsadm -A -t 10.0.0.1:8520 -s rr
	trap 'ipvsadm -C' EXIT
	check ipvsadm -a -t 10.0.0.1:8520 -r 10.0.1.1:80 -m
	check ipvsadm -a -t 10.0.0.1:8520 -r 10.0.1.2:80 -m
	check ipvsadm -A -u '[fd00::1]:8521' -s rr
	check ipvsadm -a -u '[fd00::1]:8521' -r '[fd00::9]:53' -m
	redirected 8520 'IPVS redirects tcp packets to 10.0.1.'
	redirected 8520 'to 10.0.1.1:80'
	redirected 8520 'to 10.0.1.2:80'
	redirected 10.0.0.1:8520 'to 10.0.1.1:80'
	not_redirected 10.0.0.2:8520
	redirected 8521 'IPVS redirects udp packets to ?fd00::9?:53'
	not_redirected tcp/8521
	exits 1 portowner -J 8521
	json '.redirects == [{ target: "8521", by: "ipvs", proto: "udp", family: "inet6", certain: true,
		here: false, addr: "fd00::9", port: 53, table_family: null, table: null, chain: null }]'
}

# Rules are for administrators only.
without_rights()
{
	needs nft
	check nft add table ip nat
	run "${as_user[@]}" portowner 8530
	check test "$rc" -eq 1
	has "${err[0]}" 'redirects by nftables, iptables or IPVS were not checked' || fail "${err[0]}"
	exits 1 "${as_user[@]}" portowner -J 8530
	json '.redirects == null'
}

# Rules of iptables-legacy are not in nftables.
legacy()
{
	needs iptables-legacy
	iptables-legacy -t nat -A PREROUTING -p tcp --dport 8540 -j REDIRECT --to-ports 88 ||
		skip "no NAT of iptables"
	redirected 8540 'iptables-legacy rules were not checked'
	check iptables-legacy -t nat -F
}

# Each test begins without rules.
redirect_test()
{
	ktap_test "$@"
	cleanup
}

ktap_plan 10
redirect_test nothing_there "no rules at all"
redirect_test published "a published port, with nftables"
redirect_test of_ipv6 "IPv6 and SCTP"
redirect_test sets "sets, maps and intervals"
redirect_test all_ports "a rule without a port"
redirect_test service "a service with two servers"
redirect_test by_iptables "a published port, with iptables"
redirect_test by_ipvs "IPVS"
redirect_test without_rights "a reader without rights"
redirect_test legacy "iptables-legacy"
ktap_exit
