// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells the monitor below this kernel that the kernel is alive.
 *
 * The monitor keeps the time, and restarts the kernel's partition when no sign
 * of life came in it: nothing that hangs here can hang there. It is reached by
 * secure monitor calls of one function, whose number the device tree has
 * (Documentation/devicetree/bindings/watchdog/arm-smc-wdt.yaml). The first
 * argument is the request, the second the request's own.
 */

#include <linux/arm-smccc.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/watchdog.h>

/* Where the device tree names none. */
#define DEFAULT_FUNCTION 0x82003d06

enum request {
	REQUEST_LIMITS = 0,
	REQUEST_SET_TIMEOUT = 1,
	REQUEST_ENABLE = 2,
	REQUEST_PET = 3,
	REQUEST_TIME_LEFT = 4,
};

struct cofferdam_wdt {
	struct watchdog_device watchdog;
	u32 function;
};

static bool nowayout = WATCHDOG_NOWAYOUT;
module_param(nowayout, bool, 0444);
MODULE_PARM_DESC(nowayout, "Once started, the watchdog cannot be stopped");

static int ask(const struct cofferdam_wdt *wdt, enum request request,
	       u32 argument, struct arm_smccc_res *answer)
{
	arm_smccc_smc(wdt->function, request, argument, 0, 0, 0, 0, 0, answer);

	/* A call of the 32-bit convention: the upper half says nothing. */
	switch ((s32)answer->a0) {
	case 0:
		return 0;
	case -1:
		return -ENODEV;
	case -2:
		return -EINVAL;
	default:
		return -EIO;
	}
}

static int tell(struct watchdog_device *watchdog, enum request request,
		u32 argument)
{
	struct arm_smccc_res unused;

	return ask(watchdog_get_drvdata(watchdog), request, argument, &unused);
}

static int cofferdam_wdt_ping(struct watchdog_device *watchdog)
{
	return tell(watchdog, REQUEST_PET, 0);
}

static int cofferdam_wdt_set_timeout(struct watchdog_device *watchdog,
				     unsigned int seconds)
{
	int error = tell(watchdog, REQUEST_SET_TIMEOUT, seconds);

	if (!error)
		watchdog->timeout = seconds;
	return error;
}

static int cofferdam_wdt_start(struct watchdog_device *watchdog)
{
	int error = tell(watchdog, REQUEST_SET_TIMEOUT, watchdog->timeout);

	return error ?: tell(watchdog, REQUEST_ENABLE, 1);
}

static int cofferdam_wdt_stop(struct watchdog_device *watchdog)
{
	return tell(watchdog, REQUEST_ENABLE, 0);
}

static unsigned int cofferdam_wdt_time_left(struct watchdog_device *watchdog)
{
	struct arm_smccc_res answer;

	if (ask(watchdog_get_drvdata(watchdog), REQUEST_TIME_LEFT, 0, &answer))
		return 0;
	return answer.a1;
}

static const struct watchdog_info cofferdam_wdt_info = {
	.identity = "Cofferdam monitor",
	.options = WDIOF_SETTIMEOUT | WDIOF_KEEPALIVEPING | WDIOF_MAGICCLOSE,
};

static const struct watchdog_ops cofferdam_wdt_ops = {
	.owner = THIS_MODULE,
	.start = cofferdam_wdt_start,
	.stop = cofferdam_wdt_stop,
	.ping = cofferdam_wdt_ping,
	.set_timeout = cofferdam_wdt_set_timeout,
	.get_timeleft = cofferdam_wdt_time_left,
};

static int cofferdam_wdt_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct arm_smccc_res limits;
	struct cofferdam_wdt *wdt;
	int error;

	wdt = devm_kzalloc(dev, sizeof(*wdt), GFP_KERNEL);
	if (!wdt)
		return -ENOMEM;

	/* Untouched if there is no such property. */
	wdt->function = DEFAULT_FUNCTION;
	of_property_read_u32(dev->of_node, "arm,smc-id", &wdt->function);

	error = ask(wdt, REQUEST_LIMITS, 0, &limits);
	if (error)
		return dev_err_probe(dev, error, "no watchdog behind %#x\n",
				     wdt->function);

	wdt->watchdog.parent = dev;
	wdt->watchdog.info = &cofferdam_wdt_info;
	wdt->watchdog.ops = &cofferdam_wdt_ops;
	wdt->watchdog.min_timeout = limits.a1;
	wdt->watchdog.max_timeout = limits.a2;
	wdt->watchdog.timeout = limits.a2;
	watchdog_set_drvdata(&wdt->watchdog, wdt);
	watchdog_init_timeout(&wdt->watchdog, 0, dev);
	watchdog_set_nowayout(&wdt->watchdog, nowayout);
	watchdog_stop_on_reboot(&wdt->watchdog);

	return devm_watchdog_register_device(dev, &wdt->watchdog);
}

static const struct of_device_id cofferdam_wdt_of_match[] = {
	{ .compatible = "arm,smc-wdt" },
	{ }
};
MODULE_DEVICE_TABLE(of, cofferdam_wdt_of_match);

static struct platform_driver cofferdam_wdt_driver = {
	.driver = {
		.name = "cofferdam_wdt",
		.of_match_table = cofferdam_wdt_of_match,
	},
	.probe = cofferdam_wdt_probe,
};
module_platform_driver(cofferdam_wdt_driver);

MODULE_DESCRIPTION("Watchdog of the Cofferdam monitor");
MODULE_AUTHOR("The Cofferdam authors");
MODULE_LICENSE("GPL");
