// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device tree says of a channel, which is all that the build knows:
 * nothing is asked of the shared memory.
 */

#include <linux/etherdevice.h>
#include <linux/io.h>
#include <linux/of.h>
#include <linux/of_address.h>

#include "netdev.h"

/* Maps the memory that the device tree reserves for the channel. */
static int cofd_map(struct device *dev, const struct cofd_geometry *geometry,
		    struct cofd_memory *memory)
{
	struct device_node *region;
	struct resource found;
	int error;

	region = of_parse_phandle(dev->of_node, "memory-region", 0);
	if (!region)
		return -EINVAL;
	error = of_address_to_resource(region, 0, &found);
	of_node_put(region);
	if (error)
		return error;
	if (resource_size(&found) < 2 * geometry->section ||
	    found.start & (PAGE_SIZE - 1))
		return -ERANGE;

	/* As the other end maps it; mixed attributes would lose coherence. */
	memory->base = devm_memremap(dev, found.start, 2 * geometry->section,
				     MEMREMAP_WB);
	return PTR_ERR_OR_ZERO(memory->base);
}

/*
 * The key of the frames' tags, if the channel has them: a MAC that is not known
 * here is not left out. Linux shows properties whose names begin so to root
 * alone.
 */
static int cofd_find_key(struct device *dev, const u8 **key)
{
	const char *mac;
	int length;
	int error;

	*key = NULL;
	error = of_property_read_string(dev->of_node, "cofferdam,mac", &mac);
	/* There is no such property. */
	if (error == -EINVAL)
		return 0;
	if (error || strcmp(mac, "siphash"))
		return -EOPNOTSUPP;
	*key = of_get_property(dev->of_node, "security-cofferdam-key", &length);
	return *key && length == COFD_KEY_BYTES ? 0 : -EINVAL;
}

int cofd_describe(struct device *dev, struct cofd *cofd)
{
	struct device_node *node = dev->of_node;
	struct cofd_geometry geometry;
	struct cofd_memory memory;
	u32 side, slots, mtu;
	const u8 *key;
	int error;

	error = of_property_read_u32(node, "cofferdam,channel", &cofd->channel);
	error = error ?: of_property_read_u32(node, "cofferdam,side", &side);
	error = error ?: of_property_read_u32(node, "cofferdam,slots", &slots);
	error = error ?: of_property_read_u32(node, "cofferdam,mtu", &mtu);
	if (error)
		return dev_err_probe(dev, error, "a property is missing\n");
	if (side > 1 || !cofd_geometry(&geometry, slots, mtu))
		return dev_err_probe(dev, -EINVAL,
				     "no ring has %u slots for an MTU of %u\n",
				     slots, mtu);
	error = cofd_find_key(dev, &key);
	if (error)
		return dev_err_probe(dev, error, "frames cannot be authenticated\n");
	error = cofd_map(dev, &geometry, &memory);
	if (error)
		return dev_err_probe(dev, error, "its memory is no use\n");

	cofd_init(&cofd->end, memory, &geometry, side,
		  of_property_read_bool(node, "cofferdam,crc"), key);
	cofd->netdev->mtu = mtu;
	cofd->netdev->min_mtu = COFD_MTU_MIN;
	cofd->netdev->max_mtu = mtu;
	cofd->frame = devm_kzalloc(dev, round_up(geometry.frame_max, 8),
				   GFP_KERNEL);
	return cofd->frame ? 0 : -ENOMEM;
}
