/*
 * The odometer, called by the functions that are generated in C for this partition from the system description.
 */
#include "services.h"

/* Drives so many metres. Answers whether the monitor has such a service, and then the sum in `total`. */
bool freertos_drive( uint32_t metres, uint64_t * total )
{
    return service_odometer_advance( metres, total ) == 0;
}
