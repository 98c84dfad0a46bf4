/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the protocol may do to memory that the other end writes at any moment.
 *
 * Each word is read once, by READ_ONCE; nothing here hands out a pointer into
 * the memory. The virt_ barriers are there on a kernel for one processor too:
 * the other end is on another, whatever this kernel was built for.
 */
#ifndef COFFERDAM_NET_MEMORY_H
#define COFFERDAM_NET_MEMORY_H

#include <linux/compiler.h>
#include <linux/crc32.h>
#include <linux/siphash.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>

struct cofd_memory {
	void *base;
};

static inline __le32 *cofd_word(const struct cofd_memory *memory, size_t at)
{
	return memory->base + at;
}

static inline u32 cofd_load(const struct cofd_memory *memory, size_t at)
{
	return le32_to_cpu(READ_ONCE(*cofd_word(memory, at)));
}

static inline u32 cofd_load_acquire(const struct cofd_memory *memory, size_t at)
{
	/* Before all accesses after it. */
	return le32_to_cpu(virt_load_acquire(cofd_word(memory, at)));
}

static inline void cofd_store(const struct cofd_memory *memory, size_t at,
			      u32 value)
{
	WRITE_ONCE(*cofd_word(memory, at), cpu_to_le32(value));
}

static inline void cofd_store_release(const struct cofd_memory *memory,
				      size_t at, u32 value)
{
	/* After all accesses before it. */
	virt_store_release(cofd_word(memory, at), cpu_to_le32(value));
}

static inline void cofd_rmb(const struct cofd_memory *memory)
{
	/* Reads before reads. */
	virt_rmb();
}

static inline void cofd_wmb(const struct cofd_memory *memory)
{
	/* Writes before writes. */
	virt_wmb();
}

static inline void cofd_mb(const struct cofd_memory *memory)
{
	/* All before all, in one order for both ends. */
	virt_mb();
}

/* A CRC32C over more bytes; first value and last inversion are the caller's. */
static inline u32 cofd_crc32c(u32 remainder, const void *bytes, size_t length)
{
	return __crc32c_le(remainder, bytes, length);
}

/* SipHash-2-4 by a key of 16 bytes, as the kernel takes it: two words. */
static inline u64 cofd_siphash(const u8 *key, const void *bytes, size_t length)
{
	__le64 words[2];
	siphash_key_t by;

	memcpy(words, key, sizeof(words));
	by.key[0] = le64_to_cpu(words[0]);
	by.key[1] = le64_to_cpu(words[1]);
	return siphash(bytes, length, &by);
}

/*
 * To private memory, in words; `to` has room up to a multiple of 8 bytes. A
 * longest frame has 190 words: by one a turn, most of a copy is counting.
 */
static inline void cofd_copy_out(const struct cofd_memory *memory, size_t at,
				 void *to, u32 length)
{
	const u64 *from = memory->base + at;
	u32 done;
	u64 word;

#pragma GCC unroll 8
	for (done = 0; done < length; done += sizeof(word)) {
		word = READ_ONCE(*from++);
		memcpy(to + done, &word, sizeof(word));
	}
}

/* From private memory, with zeros up to a multiple of 8 bytes. */
static inline void cofd_copy_in(const struct cofd_memory *memory, size_t at,
				const void *from, u32 length)
{
	u64 *to = memory->base + at;
	u32 left;
	u64 word;

#pragma GCC unroll 8
	for (left = length; left >= sizeof(word); left -= sizeof(word)) {
		memcpy(&word, from, sizeof(word));
		WRITE_ONCE(*to++, word);
		from += sizeof(word);
	}
	if (left) {
		word = 0;
		memcpy(&word, from, left);
		WRITE_ONCE(*to, word);
	}
}

#endif
