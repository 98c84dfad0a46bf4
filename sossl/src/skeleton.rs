//! A first form of each handler that is not written yet, put into the user's own source.
//!
//! What the user wrote is only ever added to: the new methods stand before the brace that ends `impl Services for ..`,
//! and no other byte of the file changes.

use crate::hooks;
use crate::services::signature;
use crate::tokens::{doc, ident};
use cofferdam_system::System;
use cofferdam_system::model::{Hook, Language, Service};
use proc_macro2::{LineColumn, TokenStream};
use quote::quote;
use syn::{ImplItem, Item, ItemImpl};

/// The user's source of handlers, beside a system file.
pub const SOURCE: &str = "services/src/lib.rs";

/// What a source of handlers comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// With a first form of what was missing.
    pub text: String,
    /// Services whose first form was added.
    pub added: Vec<String>,
    /// Methods whose service is gone. They are the user's to remove.
    pub orphans: Vec<String>,
}

/// Adds to a source of handlers what the system needs. `None` if it does not parse, or has no `impl Services`: then
/// the compiler says what is wrong with it.
pub fn skeleton(system: &System, source: &str) -> Option<Skeleton> {
    let file = syn::parse_file(source).ok()?;
    let handlers = file.items.iter().find_map(services_impl)?;
    let written: Vec<_> = handlers.items.iter().filter_map(method_name).collect();
    let services: Vec<_> = system
        .services
        .iter()
        .filter(|it| it.is_in(Language::Rust))
        .collect();
    let missing: Vec<_> = services
        .iter()
        .filter(|it| !written.contains(&it.name))
        .collect();
    let missing_hooks: Vec<_> = system
        .hooks
        .iter()
        .filter(|it| !written.contains(&it.name))
        .collect();
    let handles = |name: &&String| {
        let hook = system.hooks.iter().any(|it| it.name == **name);
        hook || services.iter().any(|it| it.name == **name)
    };
    let orphans = written
        .iter()
        .filter(|name| !handles(name))
        .cloned()
        .collect();
    let end = offset(source, handlers.brace_token.span.close().start())?;
    let (before, after) = source.split_at_checked(end)?;
    let methods = missing.iter().map(|it| method(it));
    let hooks = missing_hooks.iter().map(|it| hook_method(it));
    let methods: Vec<_> = methods.chain(hooks).collect::<Option<_>>()?;
    let names = missing.iter().map(|it| &it.name);
    let hook_names = missing_hooks.iter().map(|it| &it.name);
    Some(Skeleton {
        text: format!("{}{after}", with(before, &methods)),
        added: names.chain(hook_names).cloned().collect(),
        orphans,
    })
}

fn with(before: &str, methods: &[String]) -> String {
    let mut text = before.to_owned();
    for method in methods {
        // `impl .. {}` in one line.
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if !text.ends_with("{\n") {
            text.push('\n');
        }
        text.push_str(method);
    }
    text
}

fn services_impl(item: &Item) -> Option<&ItemImpl> {
    let Item::Impl(block) = item else { return None };
    let (path, _) = block.trait_.as_ref()?;
    let is_it = path
        .segments
        .last()
        .is_some_and(|last| last.ident == "Services");
    is_it.then_some(block)
}

fn method_name(item: &ImplItem) -> Option<String> {
    let ImplItem::Fn(function) = item else {
        return None;
    };
    Some(function.sig.ident.to_string())
}

/// It compiles, and refuses every call.
fn method(service: &Service) -> Option<String> {
    let signature = signature(service, |name| ident(&format!("_{name}")));
    first_form(
        service.doc.as_deref(),
        &signature,
        &quote!(Err(Error::NotSupported)),
    )
}

/// It compiles, and does nothing.
fn hook_method(hook: &Hook) -> Option<String> {
    let signature = hooks::signature(hook, |name| ident(&format!("_{name}")));
    first_form(hook.doc.as_deref(), &signature, &TokenStream::new())
}

fn first_form(text: Option<&str>, signature: &TokenStream, body: &TokenStream) -> Option<String> {
    let docs = text.iter().map(doc);
    let block = quote! {
        impl Services for Handlers {
            #(#docs)*
            #signature { #body }
        }
    };
    let text = prettyplease::unparse(&syn::parse2(block).ok()?);
    let (_, inner) = text.split_once("{\n")?;
    let (inner, _) = inner.rsplit_once('}')?;
    Some(inner.to_owned())
}

/// Of a place: its line counts from 1, its column counts characters from 0.
fn offset(source: &str, place: LineColumn) -> Option<usize> {
    let start: usize = source
        .split_inclusive('\n')
        .take(place.line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let line = source.get(start..)?;
    let within = line.char_indices().nth(place.column)?.0;
    start.checked_add(within)
}
