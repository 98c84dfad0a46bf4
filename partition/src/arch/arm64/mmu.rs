//! Translation tables of the partition: identity, built once at start-up, never changed.
//!
//! Code is read-only, constants are read-only and not executable, data and stack are writable and
//! not executable (and SCTLR_EL1.WXN says so for all). Devices are Device-nGnRE. A channel's memory is
//! Non-secure (NS of the descriptor, Arm ARM), Normal, write-back and inner shareable, as the other end maps
//! it: with other attributes the two lose coherence. All else is unmapped: the page below the stack, the tables themselves, the rest of RAM, address 0.

use core::arch::asm;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use aarch64_paging::descriptor::{El1Attributes, PhysicalAddress};
use aarch64_paging::mair::{Mair, MairAttribute, NormalMemory};
use aarch64_paging::paging::{
    Constraints, El1And0, MemoryRegion, PAGE_SIZE, PageTable, RootTable, Translation, VaRange,
};
use arm_sysregs::el1::registers::{SctlrEl1, TcrEl1};

use crate::hardware::{Hardware, Region};

/// 39-bit addresses: the walk starts at level 1. All boards so far lie in the first 512 GiB.
const ROOT_LEVEL: usize = 1;
const T0SZ: u8 = 64 - 39;

const MAIR: Mair = Mair::EMPTY
    .with_attribute(0, MairAttribute::DEVICE_NGNRE)
    .with_attribute(1, MairAttribute::normal(WRITE_BACK, WRITE_BACK));
const WRITE_BACK: NormalMemory = NormalMemory::WriteBackNonTransientReadWriteAllocate;

const PAGE: El1Attributes = El1Attributes::VALID
    .union(El1Attributes::ACCESSED)
    .union(El1Attributes::UXN);
const NORMAL: El1Attributes = PAGE
    .union(El1Attributes::ATTRIBUTE_INDEX_1)
    .union(El1Attributes::INNER_SHAREABLE);
const CODE: El1Attributes = NORMAL.union(El1Attributes::READ_ONLY);
const CONSTANTS: El1Attributes = CODE.union(El1Attributes::PXN);
const DATA: El1Attributes = NORMAL.union(El1Attributes::PXN);
const CHANNEL: El1Attributes = DATA.union(El1Attributes::NS);
const DEVICE: El1Attributes = PAGE
    .union(El1Attributes::ATTRIBUTE_INDEX_0)
    .union(El1Attributes::PXN);

/// Walks cached and inner shareable, as the tables are mapped; TTBR1 unused.
const TCR: TcrEl1 = TcrEl1::EPD1
    .with_t0sz(T0SZ)
    .with_irgn0(0b01)
    .with_orgn0(0b01)
    .with_sh0(0b11);

/// RES1 of the first architecture version: CP15BEN is RES0 without AArch32; the rest have a name
/// since.
const SCTLR: SctlrEl1 = SctlrEl1::M
    .union(SctlrEl1::C)
    .union(SctlrEl1::I)
    .union(SctlrEl1::SA)
    .union(SctlrEl1::WXN)
    .union(SctlrEl1::EOS)
    .union(SctlrEl1::TSCXT)
    .union(SctlrEl1::EIS)
    .union(SctlrEl1::SPAN)
    .union(SctlrEl1::NTLSMD)
    .union(SctlrEl1::LSMAOE);

unsafe extern "C" {
    static __text_start: u8;
    static __text_end: u8;
    static __rodata_start: u8;
    static __rodata_end: u8;
    static __data_start: u8;
    static __data_end: u8;
    static __stack_start: u8;
    static __stack_end: u8;
    static __tables_start: u8;
    static __tables_end: u8;
    /// Its address is 1 where the description lets this partition have no caches: `memory.x` defines it.
    static __caches: u8;
}

/// Hands out the pages between `__tables_start` and `__tables_end`, which start-up zeroed.
struct Tables {
    next: usize,
    end: usize,
}

impl Translation<El1Attributes> for Tables {
    fn allocate_table(&mut self) -> (NonNull<PageTable<El1Attributes>>, PhysicalAddress) {
        let page = PhysicalAddress(self.next);
        assert!(
            page.0 < self.end,
            "more translation tables than TABLE_PAGES"
        );
        self.next += PAGE_SIZE;
        (self.physical_to_virtual(page), page)
    }

    unsafe fn deallocate_table(&mut self, _: NonNull<PageTable<El1Attributes>>) {
        // Tables are only ever added to; the page is not used again.
    }

    #[expect(clippy::expect_used, reason = "RAM does not begin at address 0")]
    fn physical_to_virtual(&self, page: PhysicalAddress) -> NonNull<PageTable<El1Attributes>> {
        NonNull::new(core::ptr::with_exposed_provenance_mut(page.0)).expect("table at address 0")
    }
}

type Root = RootTable<El1And0, Tables>;

/// Maps the partition and switches MMU and caches on.
pub(super) fn enable(hardware: &Hardware) {
    let tables = Tables {
        next: (&raw const __tables_start).expose_provenance(),
        end: (&raw const __tables_end).addr(),
    };
    // Never dropped: the hardware walks it until the partition ends.
    let mut root = ManuallyDrop::new(Root::with_va_range(
        tables,
        ROOT_LEVEL,
        El1And0,
        VaRange::Lower,
    ));
    map_image(&mut root);
    map_region(&mut root, hardware.console, DEVICE);
    for registers in hardware.interrupt_controller.regions() {
        map_region(&mut root, registers, DEVICE);
    }
    for device in hardware.devices {
        map_region(&mut root, *device, DEVICE);
    }
    for memory in hardware.channels {
        map_region(&mut root, *memory, CHANNEL);
    }
    switch_on(root.to_physical());
}

fn map_image(root: &mut Root) {
    let parts = [
        (&raw const __text_start, &raw const __text_end, CODE),
        (
            &raw const __rodata_start,
            &raw const __rodata_end,
            CONSTANTS,
        ),
        (&raw const __data_start, &raw const __data_end, DATA),
        (&raw const __stack_start, &raw const __stack_end, DATA),
    ];
    for (start, end, rights) in parts {
        map(root, start.addr(), end.addr(), rights);
    }
}

fn map_region(root: &mut Root, region: Region, rights: El1Attributes) {
    map(root, region.start, region.start + region.size, rights);
}

#[expect(
    clippy::expect_used,
    reason = "a wrong description stops the partition at its start"
)]
fn map(root: &mut Root, start: usize, end: usize, rights: El1Attributes) {
    let region = MemoryRegion::new(start, end);
    root.map_range(
        &region,
        PhysicalAddress(region.start().0),
        rights,
        Constraints::NO_CONTIGUOUS_HINT,
    )
    .expect("memory beyond the address space");
}

/// Switches MMU and caches on with these tables; without caches, all memory is accessed as if it were not cacheable (Arm ARM,
/// SCTLR_EL1.C and I).
fn switch_on(root: PhysicalAddress) {
    let sctlr = match (&raw const __caches).addr() {
        1 => SCTLR.difference(SctlrEl1::C.union(SctlrEl1::I)),
        _ => SCTLR,
    };
    // SAFETY: the tables map the image, the data and the stack in use at their own addresses, so
    // execution goes on as if nothing had happened. Not `nomem`: the tables must be written
    // before. PARange (ID_AA64MMFR0_EL1 bits 3:0) is the value for TCR_EL1.IPS (bits 34:32).
    unsafe {
        asm!(
            "mrs {scratch}, id_aa64mmfr0_el1",
            "bfi {tcr}, {scratch}, #32, #3",
            "msr mair_el1, {mair}",
            "msr tcr_el1, {tcr}",
            "msr ttbr0_el1, {root}",
            "dsb sy",
            "isb",
            "tlbi vmalle1",
            "ic iallu",
            "dsb nsh",
            "isb",
            "msr sctlr_el1, {sctlr}",
            "isb",
            scratch = out(reg) _,
            mair = in(reg) MAIR.0,
            tcr = inout(reg) TCR.bits() => _,
            root = in(reg) root.0,
            sctlr = in(reg) sctlr.bits(),
            options(nostack, preserves_flags),
        );
    }
}
