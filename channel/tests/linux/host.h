/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In the place of linux/cofferdam_net/memory.h: every access is the test's.
 */
#ifndef COFFERDAM_NET_MEMORY_H
#define COFFERDAM_NET_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32, __le32;
typedef uint64_t u64, __le64;

#define U32_MAX UINT32_MAX
#define cpu_to_le32(value) (value)
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as the test is");

enum fence { FENCE_ACQUIRE, FENCE_RELEASE, FENCE_FULL };

struct accesses {
	void *context;
	u32 (*load)(void *context, size_t at);
	void (*store)(void *context, size_t at, u32 value);
	void (*copy_out)(void *context, size_t at, void *to, size_t length);
	void (*copy_in)(void *context, size_t at, const void *from,
			size_t length);
	void (*fence)(void *context, enum fence fence);
};

struct cofd_memory {
	const struct accesses *with;
};

static inline u32 cofd_load(const struct cofd_memory *memory, size_t at)
{
	return memory->with->load(memory->with->context, at);
}

static inline void cofd_store(const struct cofd_memory *memory, size_t at,
			      u32 value)
{
	memory->with->store(memory->with->context, at, value);
}

static inline void cofd_rmb(const struct cofd_memory *memory)
{
	memory->with->fence(memory->with->context, FENCE_ACQUIRE);
}

static inline void cofd_wmb(const struct cofd_memory *memory)
{
	memory->with->fence(memory->with->context, FENCE_RELEASE);
}

static inline void cofd_mb(const struct cofd_memory *memory)
{
	memory->with->fence(memory->with->context, FENCE_FULL);
}

static inline u32 cofd_load_acquire(const struct cofd_memory *memory, size_t at)
{
	u32 value = cofd_load(memory, at);

	cofd_rmb(memory);
	return value;
}

static inline void cofd_store_release(const struct cofd_memory *memory,
				      size_t at, u32 value)
{
	cofd_wmb(memory);
	cofd_store(memory, at, value);
}

static inline void cofd_copy_out(const struct cofd_memory *memory, size_t at,
				 void *to, u32 length)
{
	memory->with->copy_out(memory->with->context, at, to, length);
}

static inline void cofd_copy_in(const struct cofd_memory *memory, size_t at,
				const void *from, u32 length)
{
	memory->with->copy_in(memory->with->context, at, from, length);
}

/* RFC 3720, 12.1, bit by bit. */
static inline u32 cofd_crc32c(u32 remainder, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;
	int bit;

	for (; length; length--) {
		remainder ^= *byte++;
		for (bit = 0; bit < 8; bit++)
			remainder = remainder >> 1 ^
				    (remainder & 1 ? 0x82f63b78 : 0);
	}
	return remainder;
}

static inline u64 host_left(u64 word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void host_mix(u64 *sum, u64 *other, int bits)
{
	*sum += *other;
	*other = host_left(*other, bits) ^ *sum;
}

static inline void host_sip_rounds(u64 v[4], int rounds)
{
	for (; rounds; rounds--) {
		host_mix(&v[0], &v[1], 13);
		host_mix(&v[2], &v[3], 16);
		v[0] = host_left(v[0], 32);
		host_mix(&v[2], &v[1], 17);
		host_mix(&v[0], &v[3], 21);
		v[2] = host_left(v[2], 32);
	}
}

/* Aumasson, Bernstein: SipHash, 2.1 to 2.3, of 2 and 4 rounds. */
static inline u64 cofd_siphash(const u8 *key, const void *bytes, size_t length)
{
	const u8 *from = bytes;
	size_t left = length;
	u64 k[2], word;

	memcpy(k, key, sizeof(k));
	u64 v[] = {
		k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d,
		k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573,
	};

	for (; left >= sizeof(word); left -= sizeof(word)) {
		memcpy(&word, from, sizeof(word));
		from += sizeof(word);
		v[3] ^= word;
		host_sip_rounds(v, 2);
		v[0] ^= word;
	}
	word = (u64)length << 56;
	memcpy(&word, from, left);
	v[3] ^= word;
	host_sip_rounds(v, 2);
	v[0] ^= word;
	v[2] ^= 0xff;
	host_sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
