//! Literals, names and documentation of generated Rust.

use cofferdam_system::model::Interrupt;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

/// A documentation comment.
pub(crate) fn doc(text: impl AsRef<str>) -> TokenStream {
    let text = format!(" {}", text.as_ref());
    quote!(#[doc = #text])
}

/// A name as it was given: every check of names has passed.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// The name of a constant.
pub(crate) fn constant(name: &str) -> Ident {
    ident(&name.to_uppercase().replace('-', "_"))
}

/// A set of bits reads best in binary.
pub(crate) fn bits(number: u64) -> Literal {
    format!("{number:#b}")
        .parse()
        .unwrap_or_else(|_| Literal::u64_unsuffixed(number))
}

pub(crate) fn literal(number: usize) -> Literal {
    Literal::usize_unsuffixed(number)
}

/// The number of an interrupt, if there is one.
pub(crate) fn interrupt(it: Option<Interrupt>) -> TokenStream {
    match it.map(|it| Literal::u32_unsuffixed(it.number())) {
        Some(id) => quote!(Some(#id)),
        None => quote!(None),
    }
}

/// Addresses read best in groups of four digits.
pub(crate) fn hex(number: u64) -> Literal {
    let text = format!("0x{}", grouped(&format!("{number:x}"), 4));
    text.parse()
        .unwrap_or_else(|_| Literal::u64_unsuffixed(number))
}

/// Other numbers in groups of three.
pub(crate) fn decimal(number: u128) -> Literal {
    let text = grouped(&number.to_string(), 3);
    text.parse()
        .unwrap_or_else(|_| Literal::u128_unsuffixed(number))
}

fn grouped(digits: &str, size: usize) -> String {
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n != 0 && (digits.len() - n).is_multiple_of(size) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}
