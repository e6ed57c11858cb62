# SPDX-License-Identifier: GPL-2.0
# Builds the module and the tool; everything that runs the module does so in a VM (selftests/vm).

PREFIX ?= /usr/local
KDIR ?= /lib/modules/$(shell uname -r)/build
VM := selftests/vm

# Kbuild of the kernel comes through here too on some kernels: it wants only the Kbuild file.
ifeq ($(KERNELRELEASE),)

# Debian's kernel.release holds the upstream version: uname -r is what utsrelease.h says.
utsrelease = $(KDIR)/include/generated/utsrelease.h
release = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' $(utsrelease))
moddir = $(DESTDIR)/lib/modules/$(release)/updates

all: module userspace

# One clear line each, in place of what make and gcc would say.
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

install: module
	$(MAKE) -C userspace install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	install -D -m 644 module/portowner.ko $(moddir)/portowner.ko
	$(if $(DESTDIR),,depmod $(release))

uninstall: need-headers
	$(MAKE) -C userspace uninstall DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	rm -f $(moddir)/portowner.ko
	$(if $(DESTDIR),,depmod $(release))

demo:
	@$(VM)/demo

shell:
	@$(VM)/shell

check:
	@$(VM)/check

check-all:
	@$(VM)/check --all

soak:
	@$(VM)/soak

bench:
	@selftests/bench/bench

# Objects of an in-place build are removed with or without kernel headers.
clean:
	@if test -e $(KDIR)/Makefile; then $(MAKE) -s -C $(KDIR) M=$(CURDIR) clean; fi
	$(MAKE) -s -C userspace clean
	rm -rf build/module build/kselftest/obj build/kselftest/install build/vm build/results \
		build/bench build/configurations

distclean: clean
	rm -rf build

help:
	@echo 'all        module and userspace (default)'
	@echo 'module     module/portowner.ko for KDIR ($(KDIR))'
	@echo 'userspace  userspace/portowner'
	@echo 'demo       two programs want one port, in a VM, explained'
	@echo 'shell      a shell in a VM with the module loaded'
	@echo 'check      lint, unit tests, selftests in a VM'
	@echo 'check-all  check, unit tests with sanitizers, selftests on every supported kernel'
	@echo 'soak       long random runs on every kernel, then an hour of churn on the debug kernel'
	@echo 'bench      instructions beside those of ss, lsof, fuser and others, against the targets'
	@echo 'install    module to DESTDIR/lib/modules/.../updates, the rest to DESTDIR PREFIX ($(PREFIX))'
	@echo 'uninstall  remove what install put there'
	@echo 'clean      remove what was built; downloads and unpacked kernels stay'
	@echo 'distclean  remove build/ too'
	@echo 'Parameters of demo, shell and check: KERNEL=bookworm SMP=2 MEMORY=1024 TIMEOUT=300'
	@echo 'Parameters of check-all: SEED=2 of its random scenarios, SEED=random for new ones;'
	@echo '           CHECKED=yes right after check, whose part it does not do again then'
	@echo 'Parameters of soak: MINUTES=60 SCENARIOS=100000 SEED=2'

.PHONY: all need-compiler need-headers module userspace install uninstall demo shell check \
	check-all soak bench clean distclean help

endif
