//! What the `cofferdam` command does: sets up, fetches, builds, runs and judges.
#![forbid(unsafe_code)]

pub mod arguments;
pub mod bench;
pub mod build;
pub mod cache;
pub mod commands;
pub mod debian;
pub mod demo;
pub mod devicetree;
pub mod disk;
pub mod doctor;
pub mod emulator;
pub mod flash;
pub mod guest;
pub mod initramfs;
pub mod linux;
pub mod linux32;
pub mod modules;
pub mod page;
pub mod payload;
pub mod process;
pub mod programs;
pub mod project;
pub mod report;
pub mod repository;
pub mod sdk;
pub mod suite;
