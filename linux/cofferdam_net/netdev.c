// SPDX-License-Identifier: GPL-2.0-only
/*
 * VirtualNet: a network interface whose wire is memory shared with another
 * partition of the Cofferdam monitor. Protocol and threats: docs/virtualnet.md.
 *
 * The other partition is taken for an attacker. What it can do to the memory
 * is endpoint.c's affair; here, its frames are of any content, come at any
 * rate, and stop at any time:
 * - a poll looks at no more slots than NAPI gives it, good or bad;
 * - nothing waits for the other end: a full ring drops;
 * - a look by the clock bounds what a withheld doorbell delays, and finds that
 *   the other end was restarted or is gone.
 */

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/rtnetlink.h>

#include "monitor.h"
#include "netdev.h"

static unsigned int poll_ms = 50;
module_param(poll_ms, uint, 0644);
MODULE_PARM_DESC(poll_ms, "Look at the link after this time at the latest");

/* Asks the monitor for an epoch that this end has not begun. */
static void cofd_begin_next(struct cofd *cofd)
{
	struct cofd_answer answer;

	if (cofd_call(COFD_CHANNEL_BEGIN, cofd->channel, &answer)) {
		/* The limit of such calls, perhaps: asked again by the clock. */
		cofd->events.begins_refused++;
		return;
	}
	cofd_begin(&cofd->end, answer.a1);
	cofd->armed = false;
}

/*
 * Acknowledges a doorbell, before anything is received: a frame that comes
 * after the last look then brings the next. Follows the life of the other end.
 */
static void cofd_keep_link(struct cofd *cofd, bool *rung)
{
	struct cofd_endpoint *end = &cofd->end;
	struct cofd_answer answer;
	bool up = false;

	*rung = true;
	if (!cofd_call(COFD_CHANNEL_ACKNOWLEDGE, cofd->channel, &answer)) {
		*rung = answer.a1;
		cofd->events.doorbells_rung = answer.a4;
		cofd->events.doorbells_delivered = answer.a5;
		cofd->events.floods = answer.a6;
		if (cofd_look(end) == COFD_QUARANTINED && net_ratelimit())
			netdev_warn(cofd->netdev,
				    "the other end broke the protocol\n");
		if (end->epoch != (u32)answer.a2 ||
		    (end->link != COFD_UP && end->link != COFD_DOWN))
			cofd_begin_next(cofd);
		else
			cofd_reassert(end);
		up = cofd_look(end) == COFD_UP && answer.a3;
	}

	if (up == netif_carrier_ok(cofd->netdev))
		return;
	if (up)
		netif_carrier_on(cofd->netdev);
	else
		netif_carrier_off(cofd->netdev);
}

static void cofd_deliver(struct cofd *cofd, u32 length)
{
	struct sk_buff *skb;

	/* A frame of the ring may have any length, and one of these is none. */
	if (length < ETH_HLEN) {
		cofd->events.runts++;
		return;
	}
	skb = napi_alloc_skb(&cofd->napi, length);
	if (!skb) {
		cofd->events.no_memory++;
		return;
	}
	skb_put_data(skb, cofd->frame, length);
	skb->protocol = eth_type_trans(skb, cofd->netdev);
	napi_gro_receive(&cofd->napi, skb);
}

/* Receives until nothing is left or `slots` of them were looked at. */
static void cofd_receive_some(struct cofd *cofd, u32 *slots)
{
	u32 length;

	do {
		spin_lock(&cofd->lock);
		length = cofd_receive(&cofd->end, cofd->frame, slots);
		spin_unlock(&cofd->lock);
		if (length)
			cofd_deliver(cofd, length);
	} while (length);
}

/* Asks for a doorbell. False if there is something to receive. */
static bool cofd_sleep(struct cofd *cofd)
{
	bool asleep;

	spin_lock(&cofd->lock);
	asleep = cofd_arm(&cofd->end);
	cofd->armed = asleep;
	spin_unlock(&cofd->lock);
	return asleep;
}

static int cofd_poll(struct napi_struct *napi, int budget)
{
	struct cofd *cofd = container_of(napi, struct cofd, napi);
	bool was_armed, rung;
	u32 slots = budget;
	int looked_at;

	spin_lock(&cofd->lock);
	was_armed = cofd->armed;
	if (was_armed)
		cofd_disarm(&cofd->end);
	cofd->armed = false;
	cofd_keep_link(cofd, &rung);
	spin_unlock(&cofd->lock);

	cofd_receive_some(cofd, &slots);
	looked_at = budget - slots;
	if (looked_at && was_armed && !rung)
		cofd->events.found_late++;
	if (!slots)
		return budget;

	if (napi_complete_done(napi, looked_at) && !cofd_sleep(cofd))
		napi_schedule(napi);
	return looked_at;
}

static irqreturn_t cofd_interrupt(int irq, void *data)
{
	struct cofd *cofd = data;

	/* The next one comes when the poll has acknowledged this one. */
	cofd->events.interrupts++;
	napi_schedule(&cofd->napi);
	return IRQ_HANDLED;
}

static void cofd_clock(struct work_struct *work)
{
	struct cofd *cofd = container_of(to_delayed_work(work), struct cofd,
					 clock);

	local_bh_disable();
	napi_schedule(&cofd->napi);
	local_bh_enable();
	schedule_delayed_work(&cofd->clock, msecs_to_jiffies(poll_ms) + 1);
}

static netdev_tx_t cofd_start_xmit(struct sk_buff *skb,
				   struct net_device *netdev)
{
	struct cofd *cofd = netdev_priv(netdev);
	struct cofd_answer answer;
	enum cofd_sent sent;

	if (skb_linearize(skb)) {
		dev_core_stats_tx_dropped_inc(netdev);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	skb_tx_timestamp(skb);

	spin_lock(&cofd->lock);
	sent = cofd_send(&cofd->end, skb->data, skb->len);
	if (sent == COFD_SENT_RING &&
	    cofd_call(COFD_CHANNEL_RING, cofd->channel, &answer))
		cofd->events.rings_refused++;
	spin_unlock(&cofd->lock);

	if (sent == COFD_SENT || sent == COFD_SENT_RING)
		dev_consume_skb_any(skb);
	else
		dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/* With its interrupt requested, and disabled. */
static void cofd_start(struct net_device *netdev)
{
	struct cofd *cofd = netdev_priv(netdev);

	napi_enable(&cofd->napi);
	enable_irq(cofd->irq);
	netif_start_queue(netdev);
	schedule_delayed_work(&cofd->clock, 0);
}

/* Undoes it. */
static void cofd_halt(struct net_device *netdev)
{
	struct cofd *cofd = netdev_priv(netdev);

	netif_tx_disable(netdev);
	/* Who schedules polls first, then the last of these. */
	cancel_delayed_work_sync(&cofd->clock);
	disable_irq(cofd->irq);
	napi_disable(&cofd->napi);

	spin_lock_bh(&cofd->lock);
	cofd_close(&cofd->end);
	spin_unlock_bh(&cofd->lock);
	netif_carrier_off(netdev);
}

static int cofd_open(struct net_device *netdev)
{
	struct cofd *cofd = netdev_priv(netdev);
	int error;

	error = request_irq(cofd->irq, cofd_interrupt, IRQF_NO_AUTOEN,
			    netdev->name, cofd);
	if (!error)
		cofd_start(netdev);
	return error;
}

static int cofd_stop(struct net_device *netdev)
{
	struct cofd *cofd = netdev_priv(netdev);

	cofd_halt(netdev);
	free_irq(cofd->irq, cofd);
	return 0;
}

static const struct net_device_ops cofd_netdev_ops = {
	.ndo_open = cofd_open,
	.ndo_stop = cofd_stop,
	.ndo_start_xmit = cofd_start_xmit,
	.ndo_get_stats64 = cofd_get_stats64,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void cofd_set_up(struct net_device *netdev)
{
	ether_setup(netdev);
	netdev->netdev_ops = &cofd_netdev_ops;
	netdev->ethtool_ops = &cofd_ethtool_ops;
	netdev->needs_free_netdev = false;
	/* It would send from an interrupt in the middle of a poll. */
	netdev->priv_flags |= IFF_DISABLE_NETPOLL;
}

static void cofd_free(void *netdev)
{
	free_netdev(netdev);
}

static int cofd_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct net_device *netdev;
	struct cofd *cofd;
	int error;

	netdev = alloc_netdev(sizeof(*cofd), "cofd%d", NET_NAME_ENUM,
			      cofd_set_up);
	if (!netdev)
		return -ENOMEM;
	error = devm_add_action_or_reset(dev, cofd_free, netdev);
	if (error)
		return error;

	SET_NETDEV_DEV(netdev, dev);
	platform_set_drvdata(pdev, netdev);
	cofd = netdev_priv(netdev);
	cofd->netdev = netdev;
	spin_lock_init(&cofd->lock);
	INIT_DELAYED_WORK(&cofd->clock, cofd_clock);
	cofd->irq = platform_get_irq(pdev, 0);
	if (cofd->irq < 0)
		return cofd->irq;
	error = cofd_describe(dev, cofd);
	if (error)
		return error;
	if (device_get_ethdev_address(dev, netdev))
		eth_hw_addr_random(netdev);

	netif_napi_add(netdev, &cofd->napi, cofd_poll);
	netif_carrier_off(netdev);
	return register_netdev(netdev);
}

static void cofd_remove(struct platform_device *pdev)
{
	/* Stops it first, under traffic too. */
	unregister_netdev(platform_get_drvdata(pdev));
}

/* It keeps its interrupt, so that nothing can fail when it resumes. */
static int cofd_suspend(struct device *dev)
{
	struct net_device *netdev = dev_get_drvdata(dev);

	rtnl_lock();
	netif_device_detach(netdev);
	if (netif_running(netdev))
		cofd_halt(netdev);
	rtnl_unlock();
	return 0;
}

static int cofd_resume(struct device *dev)
{
	struct net_device *netdev = dev_get_drvdata(dev);

	rtnl_lock();
	if (netif_running(netdev))
		cofd_start(netdev);
	netif_device_attach(netdev);
	rtnl_unlock();
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(cofd_pm_ops, cofd_suspend, cofd_resume);

static const struct of_device_id cofd_of_match[] = {
	{ .compatible = "cofferdam,virtualnet-1" },
	{ }
};
MODULE_DEVICE_TABLE(of, cofd_of_match);

static struct platform_driver cofd_driver = {
	.driver = {
		.name = "cofferdam_net",
		.of_match_table = cofd_of_match,
		.pm = pm_sleep_ptr(&cofd_pm_ops),
	},
	.probe = cofd_probe,
	.remove_new = cofd_remove,
};
module_platform_driver(cofd_driver);

MODULE_DESCRIPTION("VirtualNet of the Cofferdam monitor");
MODULE_AUTHOR("The Cofferdam authors");
MODULE_LICENSE("GPL");
