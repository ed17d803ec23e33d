# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Everything a person does with this tree. `make help` lists it.
#
# The work is done inside the toolbox (see tools/workbench), so the host needs
# make, root (or sudo) and a network, and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-debug module module-debug selftests demo test test-fast check fmt \
	bench bench-compare bench-record profile soak vm cluster shell rust-analyzer install uninstall clean distclean

WB := tools/workbench
IN := $(WB)/inside
N ?= 2
MINUTES ?= 10
export KERNEL TIPC_CACHE JOBS TESTS

help: ## this list
	@echo 'tipc in Rust: make TARGET'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r t d; do printf '%-17s %s\n' "$$t" "$$d"; done
	@echo 'Variables: KERNEL=7.3.4+deb13-amd64 (an ABI of the archive; default: the newest),'
	@echo '  UNTIL=SECONDS since 1970: make test begins nothing on the debug kernel after it, and says what it left out'
	@echo '  TIPC_CACHE=FOLDER (toolbox and kernels; default: ~/.cache/tipc-rust if it is there, else .workbench)'

setup: ## toolbox and stock kernel, about 3 minutes once (3 GB)
	@$(WB)/setup kernel

setup-debug: setup ## the debug kernel too, about 10 minutes once (3 GB)
	@$(WB)/setup debug

module: setup ## build tipc.ko for the stock kernel: build/stock/tipc.ko
	@$(IN) $(WB)/module stock

module-debug: setup-debug ## build tipc.ko for the debug kernel: build/debug/tipc.ko
	@$(IN) $(WB)/module debug

selftests: setup ## build the C test programs: build/selftests
	@$(IN) $(MAKE) -s -C selftests

demo: module selftests ## two C programs talk through AF_TIPC in a virtual machine
	@$(IN) qemu/demo

test: setup ## everything; ends with 'N passed, N failed'
	@$(WB)/test-all $(UNTIL)

test-fast: setup ## the same without the debug kernel
	@$(IN) tools/test fast

check: setup ## rustfmt, clippy in both worlds, tidy, bindings against gcc
	@$(IN) tools/test check

fmt: setup ## format the Rust sources
	@$(IN) tools/fmt

bench: module selftests ## one table of instructions: ours, the C module, TCP, AF_UNIX (less than 20 minutes)
	@$(IN) tools/bench/table

bench-compare: ## BASE=COMMIT: which rows of the table have moved since that one
	@$(IN) tools/bench/table --compare "$(or $(BASE),$(error BASE=COMMIT, of a table in build/bench))"

bench-record: module selftests ## make what the short table costs now the record of every test run
	@$(IN) tools/bench/table --record

profile: module selftests ## ROW=node/rtt/rdm/64: where the instructions of a row go
	@$(IN) tools/bench/table --profile "$(or $(ROW),node/self/rdm/64)"

soak: module selftests ## MINUTES=10 of traffic in clusters of ours and C: nothing lost, doubled, out of order
	@$(IN) qemu/interop --soak $(MINUTES)

vm: module selftests ## a shell in a virtual machine with the module loaded
	@$(IN) qemu/shell

cluster: module selftests ## N=2 virtual machines on one switch, a shell in the first
	@$(IN) qemu/cluster $(N)

shell: setup ## a shell in the toolbox
	@$(IN) bash

rust-analyzer: module ## rust-project.json for editors
	@$(IN) $(WB)/rust-analyzer
	@sed -i "s#/workbench/#$$($(WB)/where)/#g; s#/tipc/#$(CURDIR)/#g" rust-project.json

install: module ## put the module where depmod prefers it (this machine's kernel must be the built one)
	@$(WB)/install install

uninstall: ## take it back
	@$(WB)/install uninstall

clean: ## remove what was built in the checkout
	@rm -rf build rust-project.json 2>/dev/null || sudo rm -rf build rust-project.json

distclean: clean ## remove the workbench too: toolbox, kernels, caches
	@$(WB)/remove
