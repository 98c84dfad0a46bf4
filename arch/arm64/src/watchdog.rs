//! The watchdog of a rich partition, by the calls of Linux's `arm,smc-wdt` driver
//! (Documentation/devicetree/bindings/watchdog/arm-smc-wdt.yaml): one function identifier, the request
//! in w1, its argument in w2.

use cofferdam_core::watch::Request;

/// The function identifier, as the device tree names it too.
pub const FUNCTION: u32 = 0x8200_3d06;

/// The request; `None` if there is no such one.
pub fn decode([request, argument, _]: [u64; 3]) -> Option<Request> {
    // Calls of the 32-bit convention.
    let argument = argument & 0xffff_ffff;
    Some(match request & 0xffff_ffff {
        0 => Request::Init,
        1 => Request::SetTimeout(argument),
        2 => Request::Enable(argument != 0),
        3 => Request::Pet,
        4 => Request::TimeLeft,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_known_by_their_numbers() {
        assert_eq!(decode([0, 0, 0]), Some(Request::Init));
        assert_eq!(
            decode([1, 0xffff_ffff_0000_001e, 0]),
            Some(Request::SetTimeout(30))
        );
        assert_eq!(decode([2, 1, 0]), Some(Request::Enable(true)));
        assert_eq!(decode([2, 0, 0]), Some(Request::Enable(false)));
        assert_eq!(decode([3, 0, 0]), Some(Request::Pet));
        assert_eq!(decode([4, 0, 0]), Some(Request::TimeLeft));
        assert_eq!(decode([5, 0, 0]), None);
        assert_eq!(decode([0xffff_ffff, 0, 0]), None);
    }
}
