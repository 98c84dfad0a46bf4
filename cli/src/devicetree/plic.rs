//! The contexts of a PLIC in a partition's device tree. Message controllers (`imsic.rs`) have theirs in the same property.
//!
//! `interrupts-extended` has one for each hart and mode, by the hart's own interrupt controller, and its position is the
//! context's number: it cannot just be shortened where a hart is another partition's. The binding has a number for a context
//! that is absent: all ones (Documentation/devicetree/bindings/interrupt-controller/sifive,plic-1.0.0.yaml).

use dtoolkit::model::{DeviceTreeNode, DeviceTreeProperty};
use dtoolkit::{Node, Property};

use super::{Error, imsic};

const CONTEXTS: &str = "interrupts-extended";
const ABSENT: u32 = u32::MAX;

/// Takes out the contexts of harts that are not in the tree any more, in the tree's interrupt controllers.
pub(super) fn keep_contexts(root: &mut DeviceTreeNode) -> Result<(), Error> {
    let harts: Vec<u32> = root
        .child("cpus")
        .into_iter()
        .flat_map(|cpus| cpus.children().collect::<Vec<_>>())
        .filter_map(|cpu| phandle(cpu.child("interrupt-controller")?))
        .collect();
    let Some(any) = harts.first() else {
        return Ok(());
    };
    for node in root.children_mut() {
        let Some(contexts) = node.property(CONTEXTS) else {
            continue;
        };
        let (pairs, rest) = contexts.value().as_chunks::<8>();
        if !rest.is_empty() {
            return Err(Error::Board(format!("has a wrong {CONTEXTS}")));
        }
        let is_present = |pair: &[u8; 8]| {
            let mut harts = harts.iter();
            harts.any(|hart| pair.starts_with(&hart.to_be_bytes()))
        };
        if imsic::is(node) {
            let present = pairs
                .iter()
                .enumerate()
                .filter(|(_, pair)| is_present(pair));
            let (numbers, kept): (Vec<_>, Vec<_>) = present.map(|(n, pair)| (n, *pair)).unzip();
            node.add_property(DeviceTreeProperty::new(CONTEXTS, kept.concat())?);
            imsic::keep_files(node, &numbers)?;
            continue;
        }
        let kept = pairs.iter().flat_map(|pair| match is_present(pair) {
            true => *pair,
            false => (u64::from(*any) << 32 | u64::from(ABSENT)).to_be_bytes(),
        });
        let kept: Vec<u8> = kept.collect();
        node.add_property(DeviceTreeProperty::new(CONTEXTS, kept)?);
    }
    Ok(())
}

fn phandle(node: &DeviceTreeNode) -> Option<u32> {
    node.property("phandle")?.value_as().ok()
}
