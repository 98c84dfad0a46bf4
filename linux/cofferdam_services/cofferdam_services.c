// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lets programs call the services of the monitor below this kernel.
 *
 * The device tree lists the services that this kernel may call, and which of
 * their arguments are addresses of memory: those are always ours. Each region
 * has one bounce buffer, contiguous and as large as the service allows, made
 * once; so the monitor sees physical memory of this kernel alone, and a
 * request that outlives its caller works on memory that stays.
 *
 * The monitor checks all of it again; nothing here is its protection.
 */

#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "cofferdam_services.h"
#include "monitor.h"

/* General queries of the SiP range (Arm DEN0028); OEM's answer the same. */
#define QUERY_UID 0x8200ff01
#define QUERY_REVISION 0x8200ff03
#define REVISION 1

#define STATUS_BUSY (-4)

/* Bit of a function identifier: 64-bit convention. */
#define SMC64 BIT(30)

/* More in one piece is not to be counted on while the kernel runs. */
#define MOST_BYTES SZ_1M

/* The cells of one region in the device tree. */
#define REGION_CELLS 5

/*
 * How long to sleep between two looks at a request, in ms: without an
 * interrupt, and with one, which this kernel can lose by itself.
 */
#define POLL_MS 1
#define LOST_MS 1000

struct region {
	void *memory;
	u32 most;
	/* Registers of its address, and of its length; 0: the length is fixed. */
	u32 address;
	u32 length;
	bool written;
};

struct service {
	const char *name;
	u32 function;
	u32 results;
	/* Handled by a partition: answers a ticket first. */
	bool submitted;
	/* Of a request that nobody waits for any more; 0: there is none. */
	u64 ticket;
	/* One call at a time: the buffers are the service's. */
	struct mutex lock;
	u32 regions;
	struct region region[COFFERDAM_BUFFERS];
};

struct services {
	struct miscdevice misc;
	/* Those who wait for an answer, and how long between two looks. */
	wait_queue_head_t answers;
	unsigned int poll_ms;
	u32 count;
	struct service service[];
};

static s64 status_of(u32 function, const struct cofferdam_registers *answer)
{
	/* The 32-bit convention says nothing in the upper half. */
	return function & SMC64 ? (s64)answer->a0 : (s32)answer->a0;
}

static s64 poll_request(u64 ticket, struct cofferdam_registers *answer)
{
	*answer = (struct cofferdam_registers){ .a0 = COFFERDAM_POLL, .a1 = ticket };
	cofferdam_call_monitor(answer, answer);
	return (s64)answer->a0;
}

/* Whether the request of a caller that went away is over. */
static bool settled(struct service *service)
{
	struct cofferdam_registers unused;

	if (service->ticket && poll_request(service->ticket, &unused) == STATUS_BUSY)
		return false;
	service->ticket = 0;
	return true;
}

/* The poll takes the answer: once it is there, the macro asks no more. */
static int wait_for(struct services *services, struct service *service,
		    struct cofferdam_registers *answer)
{
	u64 ticket = answer->a1;
	long left;

	do {
		left = wait_event_interruptible_timeout(services->answers,
							poll_request(ticket, answer) != STATUS_BUSY,
							msecs_to_jiffies(services->poll_ms));
	} while (!left);
	if (left > 0)
		return 0;
	service->ticket = ticket;
	return -EINTR;
}

/* Of one of the requests; each one who waits looks for its own. */
static irqreturn_t answered(int irq, void *data)
{
	struct services *services = data;

	wake_up_all(&services->answers);
	return IRQ_HANDLED;
}

static bool fits(const struct region *region,
		 const struct cofferdam_buffer *buffer)
{
	if (!region->length)
		return buffer->length == region->most;
	return buffer->length && buffer->length <= region->most;
}

/* Fills the buffers, and puts them into the registers. x1 is register[0]. */
static int take_buffers(const struct service *service,
			const struct cofferdam_call *call, unsigned long *x1)
{
	u32 n;

	for (n = 0; n < service->regions; n++) {
		const struct region *region = &service->region[n];
		const struct cofferdam_buffer *buffer = &call->buffer[n];

		if (!fits(region, buffer))
			return -EINVAL;
		/* What was in it before is nobody's to read. */
		memset(region->memory, 0, region->most);
		if (!region->written &&
		    copy_from_user(region->memory, u64_to_user_ptr(buffer->address),
				   buffer->length))
			return -EFAULT;
		x1[region->address - 1] = virt_to_phys(region->memory);
		if (region->length)
			x1[region->length - 1] = buffer->length;
	}
	return 0;
}

static int give_buffers(const struct service *service,
			const struct cofferdam_call *call)
{
	u32 n;

	for (n = 0; n < service->regions; n++) {
		const struct region *region = &service->region[n];
		const struct cofferdam_buffer *buffer = &call->buffer[n];

		if (region->written &&
		    copy_to_user(u64_to_user_ptr(buffer->address), region->memory,
				 buffer->length))
			return -EFAULT;
	}
	return 0;
}

/* With the service's lock held. */
static int perform(struct services *services, struct service *service,
		   struct cofferdam_call *call)
{
	struct cofferdam_registers registers = {};
	unsigned long *x1 = &registers.a1;
	int error;
	u32 n;

	if (!settled(service))
		return -EBUSY;

	registers.a0 = service->function;
	for (n = 0; n < COFFERDAM_WORDS; n++)
		x1[n] = call->words[n];
	error = take_buffers(service, call, x1);
	if (error)
		return error;

	cofferdam_call_monitor(&registers, &registers);
	if (service->submitted && !status_of(service->function, &registers)) {
		error = wait_for(services, service, &registers);
		if (error)
			return error;
	}

	call->status = status_of(service->function, &registers);
	/* Our addresses stay here. */
	memset(call->words, 0, sizeof(call->words));
	if (call->status)
		return 0;
	for (n = 0; n < service->results; n++)
		call->words[n] = service->function & SMC64 ? x1[n] : (u32)x1[n];
	return give_buffers(service, call);
}

static long cofferdam_services_ioctl(struct file *file, unsigned int request,
				     unsigned long argument)
{
	/* Set by the misc layer at open. */
	struct services *services = container_of(file->private_data,
						 struct services, misc);
	void __user *from = (void __user *)argument;
	struct cofferdam_call call;
	struct service *service;
	int error;
	u32 n = 0;

	if (request != COFFERDAM_CALL)
		return -ENOTTY;
	if (copy_from_user(&call, from, sizeof(call)))
		return -EFAULT;
	while (n < services->count && services->service[n].function != call.function)
		n++;
	if (n == services->count)
		return -ENOENT;
	service = &services->service[n];
	if (call.buffers != service->regions)
		return -EINVAL;

	error = mutex_lock_interruptible(&service->lock);
	if (error)
		return -EINTR;
	error = perform(services, service, &call);
	mutex_unlock(&service->lock);
	if (error)
		return error;

	return copy_to_user(from, &call, sizeof(call)) ? -EFAULT : 0;
}

static const struct file_operations cofferdam_services_operations = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.unlocked_ioctl = cofferdam_services_ioctl,
};

static void free_region(void *data)
{
	struct region *region = data;

	free_pages((unsigned long)region->memory, get_order(region->most));
}

static int add_region(struct device *dev, struct service *service,
		      const u32 *cells)
{
	struct region *region = &service->region[service->regions++];
	gfp_t flags = GFP_KERNEL | __GFP_ZERO;
	u32 align = cells[4];

	region->address = cells[0];
	region->length = cells[1];
	region->most = cells[2];
	region->written = cells[3];
	if (!region->address || region->address > COFFERDAM_WORDS ||
	    region->length > COFFERDAM_WORDS || !region->most)
		return -EINVAL;
	/* An allocation is aligned to its own size. */
	if (region->most > MOST_BYTES || align > PAGE_SIZE << get_order(region->most))
		return -E2BIG;
	if (!(service->function & SMC64))
		flags |= GFP_DMA32;

	region->memory = (void *)__get_free_pages(flags, get_order(region->most));
	if (!region->memory)
		return -ENOMEM;
	return devm_add_action_or_reset(dev, free_region, region);
}

/* A request may still write to its buffers: they stay until it is over. */
static void settle(void *data)
{
	struct service *service = data;

	while (!settled(service))
		msleep(POLL_MS);
}

static int add_service(struct device *dev, struct device_node *node,
		       struct service *service)
{
	u32 cells[COFFERDAM_BUFFERS * REGION_CELLS];
	int count, n, error;

	service->name = node->name;
	service->submitted = of_property_read_bool(node, "cofferdam,submitted");
	mutex_init(&service->lock);
	error = of_property_read_u32(node, "cofferdam,function",
				     &service->function);
	error = error ?: of_property_read_u32(node, "cofferdam,results",
					      &service->results);
	if (error || service->results > COFFERDAM_WORDS)
		return -EINVAL;

	count = of_property_read_variable_u32_array(node, "cofferdam,regions",
						    cells, 0, ARRAY_SIZE(cells));
	if (count == -EINVAL) /* It has none. */
		count = 0;
	if (count < 0 || count % REGION_CELLS)
		return -EINVAL;
	for (n = 0; n < count; n += REGION_CELLS) {
		error = add_region(dev, service, cells + n);
		if (error)
			return error;
	}
	/* After the regions, so that it ends before they do. */
	return devm_add_action_or_reset(dev, settle, service);
}

/* The first word of 5b1c1de4-0c36-4f9d-9a1e-6c0ffe7da301 and the rest. */
static const u32 uid[] = { 0xe41d1c5b, 0x9d4f360c, 0x0f6c1e9a, 0x01a37dfe };

static int check_monitor(struct device *dev)
{
	struct cofferdam_registers answer = { .a0 = QUERY_UID };

	if (!cofferdam_monitor_can_be_called())
		return dev_err_probe(dev, -ENODEV, "SMCCC before 1.2\n");
	cofferdam_call_monitor(&answer, &answer);
	if ((u32)answer.a0 != uid[0] || (u32)answer.a1 != uid[1] ||
	    (u32)answer.a2 != uid[2] || (u32)answer.a3 != uid[3])
		return dev_err_probe(dev, -ENODEV, "not this monitor's services\n");
	answer = (struct cofferdam_registers){ .a0 = QUERY_REVISION };
	cofferdam_call_monitor(&answer, &answer);
	if ((u32)answer.a0 != REVISION)
		return dev_err_probe(dev, -ENODEV, "services of revision %u\n",
				     (u32)answer.a0);
	return 0;
}

/* Without an interrupt the requests are polled. */
static int listen(struct platform_device *pdev, struct services *services)
{
	int irq = platform_get_irq_optional(pdev, 0);

	init_waitqueue_head(&services->answers);
	services->poll_ms = POLL_MS;
	if (irq == -ENXIO)
		return 0;
	if (irq < 0)
		return irq;
	services->poll_ms = LOST_MS;
	return devm_request_irq(&pdev->dev, irq, answered, 0,
				"cofferdam_services", services);
}

static void deregister(void *data)
{
	misc_deregister(data);
}

static int cofferdam_services_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct device_node *node;
	struct services *services;
	int error;

	error = check_monitor(dev);
	if (error)
		return error;

	services = devm_kzalloc(dev, struct_size(services, service,
						 of_get_child_count(dev->of_node)),
				GFP_KERNEL);
	if (!services)
		return -ENOMEM;

	error = listen(pdev, services);
	if (error)
		return error;

	for_each_child_of_node(dev->of_node, node) {
		error = add_service(dev, node,
				    &services->service[services->count++]);
		if (error) {
			of_node_put(node);
			return dev_err_probe(dev, error, "%s: cannot be called\n",
					     services->service[services->count - 1].name);
		}
	}

	services->misc.minor = MISC_DYNAMIC_MINOR;
	services->misc.name = "cofferdam-services";
	services->misc.fops = &cofferdam_services_operations;
	services->misc.mode = 0600;
	services->misc.parent = dev;
	error = misc_register(&services->misc);
	if (error)
		return error;
	return devm_add_action_or_reset(dev, deregister, &services->misc);
}

static const struct of_device_id cofferdam_services_of_match[] = {
	{ .compatible = "cofferdam,services-1" },
	{ }
};
MODULE_DEVICE_TABLE(of, cofferdam_services_of_match);

static struct platform_driver cofferdam_services_driver = {
	.driver = {
		.name = "cofferdam_services",
		.of_match_table = cofferdam_services_of_match,
		/* Open files hold the module, and would not hold a device. */
		.suppress_bind_attrs = true,
	},
	.probe = cofferdam_services_probe,
};
module_platform_driver(cofferdam_services_driver);

MODULE_DESCRIPTION("Services of the Cofferdam monitor");
MODULE_AUTHOR("The Cofferdam authors");
MODULE_LICENSE("GPL");
