//! What the cluster serves over VirtualNet: a status page on TCP 80, tests of `iperf3` on TCP 5201 ([`cofferdam_net::iperf`]), an echo on UDP 5000.
//! Pings are answered by the stack itself.
//!
//! All of it runs in the time that the control task leaves. Whoever is at the other end is taken for an attacker: a
//! request costs a bounded time, and a connection that brings none is cut.

pub mod http;
pub mod server;
pub mod status;
