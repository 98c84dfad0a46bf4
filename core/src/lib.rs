//! What the monitor decides. Pure functions of an event and a state; no register, no address is
//! touched here, so everything is tested on the host.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
// For what runs on the target.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::cast_possible_truncation
    )
)]

pub mod bucket;
pub mod channel;
pub mod claim;
pub mod deadline;
pub mod digest;
pub mod doorbell;
pub mod health;
pub mod hook;
pub mod ids;
pub mod life;
pub mod migration;
pub mod profile;
pub mod record;
pub mod region;
pub mod request;
pub mod route;
pub mod service;
pub mod table;
pub mod watch;
