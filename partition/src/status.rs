//! What the status register of a monitor call says.

use cofferdam_abi::call::{Error, SUCCESS};

/// Reads the status (x0) of a monitor call.
///
/// A status that this version of the interface does not know is an error all the same: it is read
/// as [`Error::NotSupported`], so that a caller never takes it for success.
pub fn check(status: u64) -> Result<(), Error> {
    const DENIED: i64 = Error::Denied as i64;
    const INVALID_PARAMETER: i64 = Error::InvalidParameter as i64;
    const BUSY: i64 = Error::Busy as i64;
    match status.cast_signed() {
        SUCCESS => Ok(()),
        DENIED => Err(Error::Denied),
        INVALID_PARAMETER => Err(Error::InvalidParameter),
        BUSY => Err(Error::Busy),
        _ => Err(Error::NotSupported),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_read_back() {
        for error in [
            Error::NotSupported,
            Error::Denied,
            Error::InvalidParameter,
            Error::Busy,
        ] {
            assert_eq!(check((error as i64).cast_unsigned()), Err(error));
        }
        assert_eq!(check(0), Ok(()));
    }

    #[test]
    fn an_unknown_status_is_never_success() {
        assert_eq!(check(1), Err(Error::NotSupported));
        assert_eq!(check(u64::from(u32::MAX)), Err(Error::NotSupported));
    }
}
