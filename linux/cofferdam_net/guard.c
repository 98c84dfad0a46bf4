// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guards a frame: a checksum against damage, and a tag against whoever
 * has not the key.
 */

#include "layout.h"

u32 cofd_checksum(const u32 header[HEADER_WORDS], const void *frame)
{
	__le32 words[HEADER_WORDS];
	u32 crc;
	int i;

	for (i = 0; i < HEADER_WORDS; i++)
		words[i] = cpu_to_le32(header[i]);
	crc = cofd_crc32c(~0u, words, sizeof(words));
	return ~cofd_crc32c(crc, frame, header[LEN]);
}

/* In two steps, for the header does not lie before the frame in memory. */
void cofd_tag(const u8 key[COFD_KEY_BYTES], u32 from,
	      const u32 header[HEADER_WORDS], const void *frame,
	      u32 tag[TAG_WORDS])
{
	u64 hash = cofd_siphash(key, frame, header[LEN]);
	const __le32 whole[] = {
		cpu_to_le32(from), 0,
		cpu_to_le32(header[LEN]), cpu_to_le32(header[FLAGS]),
		cpu_to_le32(header[SEQ]), cpu_to_le32(header[EPOCH]),
		cpu_to_le32(hash), cpu_to_le32(hash >> 32),
	};

	hash = cofd_siphash(key + COFD_KEY_BYTES / 2, whole, sizeof(whole));
	memset(tag, 0, TAG_WORDS * sizeof(*tag));
	tag[0] = hash;
	tag[1] = hash >> 32;
}
