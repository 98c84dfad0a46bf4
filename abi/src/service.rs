//! What SMCCC's general queries of the SiP and OEM ranges answer while a system has services (Arm DEN0028).

/// Identity of the service layer: 5b1c1de4-0c36-4f9d-9a1e-6c0ffe7da301, its first byte in the low bits of the first
/// word.
pub const UID: [u32; 4] = [0xe41d_1c5b, 0x9d4f_360c, 0x0f6c_1e9a, 0x01a3_7dfe];

/// Major and minor revision of the convention by which services are called.
pub const REVISION: (u32, u32) = (1, 0);
