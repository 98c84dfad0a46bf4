//! The moves of a critical partition that may move, for the monitor.

use crate::tokens::literal;
use cofferdam_system::System;
use proc_macro2::TokenStream;
use quote::quote;

/// Their state, and the method that says where it is; nothing where no partition moves.
pub(crate) fn items(system: &System) -> (Option<TokenStream>, Option<TokenStream>) {
    let moves = |p: &cofferdam_system::model::Partition| Some((p.id, p.migration?));
    let Some((id, by)) = system.partitions.iter().find_map(moves) else {
        return (None, None);
    };
    let id = literal(id.index());
    let (call, power_down) = (by.call, by.power_down);
    let state = quote! {
        static MIGRATION: cofferdam_arm64::migration::Migration =
            cofferdam_arm64::migration::Migration::new(cofferdam_core::migration::Rule {
                partition: PartitionId(#id),
                call: #call,
                power_down: #power_down,
            });
    };
    let method = quote! {
        #[inline(always)]
        fn migration() -> Option<&'static cofferdam_arm64::migration::Migration> {
            Some(&MIGRATION)
        }
    };
    (Some(state), Some(method))
}
