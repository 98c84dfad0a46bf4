// SPDX-License-Identifier: MIT OR Apache-2.0
#include "handlers.h"

int64_t handle_written_in_c(struct service_caller caller)
{
	(void)caller;
	return SERVICE_DONE;
}
