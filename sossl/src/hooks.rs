//! Hooks on the monitor's side: what calls the user's handlers. Their methods are in the same trait as those of services.

use crate::services::place;
use crate::tokens::{doc, hex, ident, literal};
use cofferdam_system::System;
use cofferdam_system::model::{Hook, Hooked, Limit};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

/// Of the trait.
pub(crate) fn method(system: &System, hook: &Hook) -> TokenStream {
    let docs = hook.doc.iter().map(doc);
    let from = doc(format!(
        "{}. At most {} instructions.",
        place(system, &hook.name, hook.line),
        hook.instructions
    ));
    let signature = signature(hook, ident);
    quote! {
        #(#docs #[doc = ""])*
        #from
        #signature;
    }
}

/// `named` makes the names of its parameters.
pub(crate) fn signature(hook: &Hook, named: impl Fn(&str) -> Ident) -> TokenStream {
    let name = ident(&hook.name);
    match hook.at {
        Hooked::BeforeSwitch | Hooked::AfterSwitch => {
            let switch = named("switch");
            quote!(fn #name(&self, #switch: Switch))
        }
        Hooked::Interrupt { .. } => {
            let device = named("device");
            quote!(fn #name(&self, #device: &mut dyn Device))
        }
    }
}

/// Whether a switch has any.
pub(crate) fn of_switch(system: &System) -> bool {
    let mut hooks = system.hooks.iter();
    hooks.any(|hook| !matches!(hook.at, Hooked::Interrupt { .. }))
}

/// `System::hooked`.
pub(crate) fn hooked(system: &System) -> TokenStream {
    let all = interrupts(system).map(|(_, it)| {
        let (id, core) = (Literal::u32_unsuffixed(it.id), literal(it.core));
        quote!(table::Hooked { interrupt: #id, core: CoreId(#core) })
    });
    quote!(&[#(#all),*])
}

/// What an interrupt of a hook comes to.
struct Interrupt {
    id: u32,
    core: usize,
    start: u64,
    size: u64,
    limit: Limit,
}

fn interrupts(system: &System) -> impl Iterator<Item = (&Hook, Interrupt)> {
    system.hooks.iter().filter_map(|hook| {
        let Hooked::Interrupt {
            device,
            core,
            limit,
        } = hook.at
        else {
            return None;
        };
        let device = system.board.device(device)?;
        let region = device.region?;
        let interrupt = Interrupt {
            id: device.interrupts.first()?.number(),
            core: core.index(),
            start: region.start().get(),
            size: region.len().get(),
            limit,
        };
        Some((hook, interrupt))
    })
}

/// The tables of hooks, and what calls the handlers of interrupts.
pub(crate) fn tables(system: &System) -> Option<TokenStream> {
    if system.hooks.is_empty() {
        return None;
    }
    let count = literal(system.hooks.len());
    let budgets = system.hooks.iter().map(|hook| {
        let budget = Literal::u32_unsuffixed(hook.instructions);
        quote!(Hook::new(#budget))
    });
    let functions = interrupts(system).map(|(hook, it)| function(system, hook, &it));
    let rows = interrupts(system).map(|(hook, it)| row(hook, &it));
    let number = literal(interrupts(system).count());
    Some(quote! {
        use cofferdam_arm64::hook::{self, Hook};

        #[doc = " In the order of the description."]
        static HOOKS: [Hook; #count] = [#(#budgets),*];

        static INTERRUPTS: [hook::Interrupt; #number] = [#(#rows),*];

        #(#functions)*
    })
}

fn row(hook: &Hook, interrupt: &Interrupt) -> TokenStream {
    let run = format_ident!("interrupt_{}", hook.name);
    let interval = Literal::u128_unsuffixed(interrupt.limit.interval.as_nanos());
    let burst = Literal::u32_unsuffixed(interrupt.limit.burst);
    quote! {
        hook::Interrupt::new(
            cofferdam_core::bucket::Limit::new(ticks(HZ, #interval), #burst),
            #run,
        )
    }
}

fn function(system: &System, hook: &Hook, interrupt: &Interrupt) -> TokenStream {
    let (name, handler) = (format_ident!("interrupt_{}", hook.name), ident(&hook.name));
    let from = doc(format!("{}.", place(system, &hook.name, hook.line)));
    let (start, size) = (hex(interrupt.start), hex(interrupt.size));
    let number = number(system, hook);
    quote! {
        #from
        fn #name() {
            use services::Services as _;
            let mut device = hook::Registers::new(#start, #size);
            HOOKS[#number].call::<cofferdam_arm64::platform::Featured<Board, Features>>(|| services::HANDLERS.#handler(&mut device));
        }
    }
}

fn number(system: &System, hook: &Hook) -> Literal {
    let mut hooks = system.hooks.iter();
    literal(
        hooks
            .position(|it| it.name == hook.name)
            .unwrap_or_default(),
    )
}

/// The methods of `platform::Features` that say so.
pub(crate) fn features(system: &System) -> Option<TokenStream> {
    if system.hooks.is_empty() {
        return None;
    }
    let calls = |at: Hooked| {
        let hooks = system.hooks.iter().filter(move |hook| hook.at == at);
        let calls: Vec<_> = hooks
            .map(|hook| {
                let (handler, number) = (ident(&hook.name), number(system, hook));
                quote!(HOOKS[#number].call::<cofferdam_arm64::platform::Featured<Board, Features>>(|| services::HANDLERS.#handler(switch));)
            })
            .collect();
        (!calls.is_empty()).then_some(calls)
    };
    let method = |name: &str, at: Hooked| {
        let (name, calls) = (format_ident!("{name}"), calls(at)?);
        Some(quote! {
            #[inline(always)]
            fn #name(switch: cofferdam_core::hook::Switch) {
                use services::Services as _;
                #(#calls)*
            }
        })
    };
    let before = method("before_switch", Hooked::BeforeSwitch);
    let after = method("after_switch", Hooked::AfterSwitch);
    Some(quote! {
        #[inline(always)]
        fn hooks() -> &'static [Hook] {
            &HOOKS
        }

        #[inline(always)]
        fn interrupts() -> &'static [hook::Interrupt] {
            &INTERRUPTS
        }

        #before

        #after
    })
}
