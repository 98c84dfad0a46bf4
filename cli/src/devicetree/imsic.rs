//! The files of message controllers in a partition's device tree.
//!
//! `interrupts-extended` of `riscv,imsics` has a hart to each page of `reg`, in their order, and has none that is absent
//! (Documentation/devicetree/bindings/interrupt-controller/riscv,imsics.yaml; Linux stops at the first that is). So of another's hart both go,
//! and the board says `riscv,hart-index-bits`, which could not be told from what is left.

use dtoolkit::model::{DeviceTreeNode, DeviceTreeProperty};
use dtoolkit::{Node, Property};

use super::{Error, first_address};

const COMPATIBLE: &[u8] = b"riscv,imsics\0";
const PAGE: u64 = 0x1000;

/// Whether a node is of such controllers.
pub(super) fn is(node: &DeviceTreeNode) -> bool {
    let compatible = node.property("compatible");
    compatible.is_some_and(|it| it.value() == COMPATIBLE)
}

/// Keeps the files of some of a node's harts, which are given by their positions.
pub(super) fn keep_files(node: &mut DeviceTreeNode, kept: &[usize]) -> Result<(), Error> {
    let base = first_address(&&*node);
    let base = base.ok_or_else(|| Error::Board("has message controllers nowhere".to_owned()))?;
    let pages = kept.iter().map(|n| base + PAGE * *n as u64);
    let reg: Vec<u8> = pages
        .flat_map(|page| [page.to_be_bytes(), PAGE.to_be_bytes()])
        .flatten()
        .collect();
    node.add_property(DeviceTreeProperty::new("reg", reg)?);
    Ok(())
}
