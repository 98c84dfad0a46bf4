//! Signatures by the vehicle's key (Ed25519, RFC 8032).

use ed25519_compact::{KeyPair, Seed};

/// Bytes of a signature.
pub const SIGNATURE: usize = 64;

/// The seed of the vehicle's key. A demonstration's: that of the first test of RFC 8032, section 7.1, which everybody has.
/// Who can read the image could read any other, too.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

/// The vehicle's key.
#[derive(Debug)]
pub struct Signer(KeyPair);

impl Signer {
    /// With its key, computed from the seed.
    pub fn new() -> Self {
        Self(KeyPair::from_seed(Seed::new(SEED)))
    }

    /// The signature of a message. It reads the message twice: nobody may change it meanwhile, or the signature gives the
    /// key away.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        *self.0.sk.sign(message, None)
    }
}

impl Default for Signer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_test_of_rfc_8032() {
        let signer = Signer::new();
        let public = [
            0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64,
            0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68,
            0xf7, 0x07, 0x51, 0x1a,
        ];
        assert_eq!(*signer.0.pk, public);
        let signature = signer.sign(b"");
        assert_eq!(signature[..4], [0xe5, 0x56, 0x43, 0x00]);
        assert_eq!(signature[60..], [0x8e, 0x7a, 0x10, 0x0b]);
    }
}
