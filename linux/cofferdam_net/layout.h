/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lies where in the shared memory: docs/virtualnet.md, to the byte.
 */
#ifndef COFFERDAM_NET_LAYOUT_H
#define COFFERDAM_NET_LAYOUT_H

#include "endpoint.h"

#define MAGIC 0x4e564643
#define VERSION 1

/* Offsets in a section. */
#define SECTION_MAGIC 0x00
#define SECTION_VERSION 0x04
#define SECTION_EPOCH 0x08
#define SECTION_SLOTS 0x0c
#define SECTION_FRAME_MAX 0x10
#define SECTION_PROD 0x40
#define SECTION_CONS 0x80
#define SECTION_WANT_IRQ 0xc0
#define SECTION_FIRST_SLOT 0x100

/* Offsets in a slot. The words before the checksum are covered by it. */
#define SLOT_HEADER 0x00
#define SLOT_CRC 0x10
#define SLOT_TAG 0x20
#define SLOT_FRAME 0x40

#define FLAG_CRC 1u
#define FLAG_TAG 2u

#define LINE 64u
#define PAGE 4096u

enum { LEN, FLAGS, SEQ, EPOCH, HEADER_WORDS };

#define TAG_WORDS 8

/* What guards a frame, in guard.c. */
u32 cofd_checksum(const u32 header[HEADER_WORDS], const void *frame);
void cofd_tag(const u8 key[COFD_KEY_BYTES], u32 from,
	      const u32 header[HEADER_WORDS], const void *frame,
	      u32 tag[TAG_WORDS]);

#endif
