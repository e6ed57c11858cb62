# SPDX-License-Identifier: GPL-2.0
# Builds the module and the tool; everything that runs the module does so in a VM (selftests/vm).

PREFIX ?= /usr/local
# Where the kernel's own netlink client looks, and nowhere else, whatever PREFIX is.
SPECDIR ?= /usr/share/ynl/specs
# Likewise modprobe, depmod and DKMS have one place each.
DKMSDIR = /usr/src/portowner-$(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' module/dkms.conf)
KDIR ?= /lib/modules/$(shell uname -r)/build
VM := selftests/vm

# Kbuild of the kernel comes through here too on some kernels: it wants only the Kbuild file.
ifeq ($(KERNELRELEASE),)

# Debian's kernel.release holds the upstream version: uname -r is what utsrelease.h says.
utsrelease = $(KDIR)/include/generated/utsrelease.h
release = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' $(utsrelease))
moddir = $(DESTDIR)/lib/modules/$(release)/updates

all: module userspace

# One clear line each, instead of the messages of make and gcc.
need-compiler:
	@command -v $(firstword $(CC)) >/dev/null || \
		{ echo "make: no C compiler; install package gcc" >&2; exit 1; }

need-headers: need-compiler
	@test -e $(KDIR)/Makefile || { echo "make: no kernel headers in $(KDIR);" \
		"install package linux-headers-$$(uname -r), or name a tree with KDIR=" >&2; exit 1; }
	@test -e $(utsrelease) || { echo "make: $(KDIR) is not a prepared" \
		"kernel tree; run 'make modules_prepare' there" >&2; exit 1; }

module: need-headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

userspace: need-compiler
	$(MAKE) -C userspace all

install: module install-tool
	install -D -m 644 module/portowner.ko $(moddir)/portowner.ko
	$(if $(DESTDIR),,depmod $(release))

install-tool:
	$(MAKE) -C userspace install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	install -D -m 644 docs/netlink/specs/portowner.yaml $(DESTDIR)$(SPECDIR)/portowner.yaml

# The source for DKMS, and the files that load the module at boot; packages let DKMS do the rest.
install-dkms:
	cd module && find . -name '*.[ch]' ! -name '*.mod.c' -o -name Kbuild -o -name features.mk \
		-o -name required.config -o -name dkms.conf | sort | \
		while read -r file; do install -D -m 644 $$file $(DESTDIR)$(DKMSDIR)/$$file || exit 1; done
	install -D -m 644 packaging/dkms/modules-load.conf $(DESTDIR)/usr/lib/modules-load.d/portowner.conf
	install -D -m 644 packaging/dkms/modprobe.conf $(DESTDIR)/etc/modprobe.d/portowner.conf

# Headers may be gone by now, or were never needed: install-tool does without.
uninstall: release = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' $(utsrelease) 2>/dev/null || uname -r)
uninstall:
	$(MAKE) -C userspace uninstall DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	rm -f $(DESTDIR)$(SPECDIR)/portowner.yaml $(moddir)/portowner.ko
	$(if $(DESTDIR),,test ! -d /lib/modules/$(release) || depmod $(release))

demo:
	@$(VM)/demo

shell:
	@$(VM)/shell

check:
	@$(VM)/check

check-all:
	@$(VM)/check --all

check-debug:
	@KERNEL=debug $(VM)/tests

check-fleet:
	@selftests/fleet/check

check-packages:
	@$(VM)/packages-test

deb:
	@packaging/deb/build

rpm:
	@packaging/rpm/build

soak:
	@$(VM)/soak

bench:
	@selftests/bench/bench

pictures:
	@docs/pictures/make

# Kbuild's clean would also delete the objects of the kernels unpacked in build/.
clean:
	find module \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name '.*.d' -o -name modules.order -o -name Module.symvers \) -delete
	rm -f modules.order Module.symvers .*.cmd
	$(MAKE) -s -C userspace clean
	rm -rf build/module build/kselftest/obj build/kselftest/install build/vm build/results \
		build/bench build/configurations build/packages

distclean: clean
	rm -rf build

help:
	@echo 'all        module and userspace (default)'
	@echo 'module     module/portowner.ko for KDIR ($(KDIR))'
	@echo 'userspace  userspace/portowner'
	@echo 'demo       two programs want one port, in a VM: what portowner shows'
	@echo 'shell      a shell in a VM with the module loaded'
	@echo 'check      lint, unit tests, selftests in a VM'
	@echo 'check-all  check, unit tests with sanitizers, selftests on the other kernels of Debian'
	@echo 'check-debug  selftests on a kernel with KASAN, lockdep and kmemleak, which it builds'
	@echo 'check-fleet  units, metrics, alerts and playbooks with systemd, Prometheus, Ansible'
	@echo 'soak       all selftests and long random runs on every kernel, and an hour of churn'
	@echo 'bench      compare instruction counts with ss, lsof, fuser and others; check the targets'
	@echo 'pictures   draw the pictures in README.md, from the demo and the results of bench'
	@echo 'install    module to DESTDIR/lib/modules/.../updates, netlink specification to'
	@echo '           DESTDIR SPECDIR ($(SPECDIR)), the rest to DESTDIR PREFIX ($(PREFIX)),'
	@echo '           units and catalog of systemd to UNITDIR and CATALOGDIR below that'
	@echo 'install-tool  the same without the module, for hosts where DKMS builds it'
	@echo 'install-dkms  source of the module for DKMS, and what loads it at boot'
	@echo 'uninstall  remove what install put there'
	@echo 'deb        Debian packages of the tool, and of the module for DKMS, in build/packages'
	@echo 'rpm        the same as RPM packages'
	@echo 'check-packages  install the Debian packages in a VM, through upgrades and removal'
	@echo 'clean      remove what was built; downloads and unpacked kernels stay'
	@echo 'distclean  remove build/ too'
	@echo 'Parameters of demo, shell and check: KERNEL=bookworm SMP=2 MEMORY=1024 TIMEOUT=300'
	@echo 'Parameters of check-all: SEED=2 of its random scenarios, SEED=random for new ones;'
	@echo '           CHECKED=yes right after check, to skip what that has done'
	@echo 'Parameters of soak: MINUTES=60 SCENARIOS=100000 SEED=2'

.PHONY: all need-compiler need-headers module userspace install install-tool install-dkms uninstall \
	demo shell check check-all check-debug check-fleet check-packages deb rpm soak bench pictures clean \
	distclean help

endif
