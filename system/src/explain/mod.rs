//! Shows a person what a system is: as text tables, and as a picture for a design review.
//!
//! Both are made from the model alone, and the same system always gives the same bytes, so that a
//! difference between two versions of a picture is a difference between two systems.

mod map;
mod svg;
mod tables;
mod words;

use crate::model::System;

/// Partitions, memory map, cores, interrupts and devices, each as a table.
pub fn tables(system: &System) -> String {
    tables::all(system)
}

/// The same as one SVG picture.
pub fn svg(system: &System) -> String {
    svg::draw(system)
}
