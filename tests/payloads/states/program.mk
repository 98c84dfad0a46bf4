# Builds $(PROGRAM) for the state and the byte order that the system describes. OUT, STATE and ENDIANNESS are given
# (cli/src/build/make.rs); OUT has memory.x and partition.h.
here := $(dir $(lastword $(MAKEFILE_LIST)))
flags := -O2 -std=c11 -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-pic -I$(here) -I$(OUT)
link := -nostdlib -static -no-pie -Wl,--build-id=none,--no-warn-rwx-segments,-z,noexecstack -Wl,-z,max-page-size=4096 -L$(OUT) -T$(here)image.ld

ifeq ($(STATE),aarch32)
compiler := arm-linux-gnueabihf-gcc
# Floating point is the other side's until it is asked for.
flags += -march=armv8-a -marm -mfloat-abi=soft -mgeneral-regs-only -mno-unaligned-access
start := $(here)start32.S
else
compiler := aarch64-linux-gnu-gcc
flags += -mgeneral-regs-only -mstrict-align
link += -Wl,--fix-cortex-a53-843419
start := $(here)start64.S
endif
ifeq ($(ENDIANNESS),big)
flags += -mbig-endian
endif

$(OUT)/image.elf: $(PROGRAM).c $(wildcard $(here)*.[hcS]) $(here)image.ld $(MAKEFILE_LIST) FORCE
	$(compiler) $(flags) $(link) -o $@ $(start) $(here)console.c $(PROGRAM).c

# The same folder serves several systems: what was there may have been built for another state.
.PHONY: FORCE
FORCE:
