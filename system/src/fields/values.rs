//! Plain values and lists: words, texts, and quantities as [`quantity`] reads them.

use std::time::Duration;

use super::{At, FromNode, Word, text, wrong_shape};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::quantity::{self, Pattern, QuantityError};
use crate::schema::recorder::Shape;
use crate::suggest::did_you_mean;
use crate::yaml::{Node, Value};

fn quantity<T>(
    node: &Node,
    wanted: &'static str,
    pattern: Pattern,
    read: fn(&str) -> Result<T, QuantityError>,
    out: &mut Mistakes,
) -> Option<T> {
    out.record(|it| {
        it.add(Shape::Text {
            what: wanted,
            pattern: Some(pattern),
        })
    });
    match read(text(node, wanted, out)?) {
        Ok(value) => Some(value),
        Err(error) => {
            let label = format!("expected {wanted}");
            out.push(Draft::new(error.code, error.message, node.place, label).help(error.help));
            None
        }
    }
}

impl FromNode for String {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        let what = "a text";
        out.record(|it| {
            it.add(Shape::Text {
                what,
                pattern: None,
            })
        });
        text(node, what, out).map(str::to_owned)
    }
}

impl FromNode for u64 {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        quantity(node, "a number", Pattern::NUMBER, quantity::integer, out)
    }
}

impl FromNode for u32 {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        let number = u64::from_node(node, out)?;
        let small = Self::try_from(number).ok();
        if small.is_none() {
            out.push(
                Draft::new(
                    Code::NumberTooLarge,
                    format!("{number} does not fit in 32 bits"),
                    node.place,
                    "too large",
                )
                .help("write a smaller number"),
            );
        }
        small
    }
}

impl FromNode for Duration {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        quantity(
            node,
            "a time such as 5ms",
            Pattern::TIME,
            quantity::duration,
            out,
        )
    }
}

/// A number of bytes, written with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromNode for Size {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        quantity(
            node,
            "a size such as 4MiB",
            Pattern::SIZE,
            quantity::size,
            out,
        )
        .map(Self)
    }
}

/// A number that may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signed(pub(crate) i128);

impl FromNode for Signed {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        quantity(node, "a number", Pattern::SIGNED, quantity::signed, out).map(Self)
    }
}

/// From one event to the next, written as events a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(pub(crate) Duration);

impl FromNode for Rate {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        quantity(
            node,
            "a rate such as 20/s",
            Pattern::RATE,
            quantity::rate,
            out,
        )
        .map(Self)
    }
}

/// Bytes a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DataRate(pub(crate) u64);

impl FromNode for DataRate {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        quantity(
            node,
            "a rate such as 2MiB/s",
            Pattern::DATA_RATE,
            quantity::data_rate,
            out,
        )
        .map(Self)
    }
}

impl<W: Word> FromNode for W {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        let names = || W::WORDS.iter().map(|(name, _)| *name);
        out.record(|it| {
            it.add(Shape::Word {
                what: W::WHAT,
                words: names().collect(),
            });
        });
        let written = text(node, W::WHAT, out)?;
        let found = W::WORDS.iter().find(|(name, _)| *name == written);
        if found.is_none() {
            out.push(
                Draft::new(
                    Code::UnknownWord,
                    format!("`{written}` is not {}", W::WHAT),
                    node.place,
                    format!("not {}", W::WHAT),
                )
                .help(did_you_mean(written, names())),
            );
        }
        found.map(|(_, word)| *word)
    }
}

impl<T: FromNode> FromNode for At<T> {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        T::from_node(node, out).map(|value| Self {
            place: node.place,
            value,
        })
    }
}

/// A list. Every item that is wrong is reported, and then there is no list: a shorter one would
/// lead to follow-up mistakes.
impl<T: FromNode> FromNode for Vec<T> {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::List(items) => {
                out.record(|it| it.open_items());
                let read: Vec<Option<T>> = items.iter().map(|i| T::from_node(i, out)).collect();
                out.record(|it| it.close_items(Shape::List));
                read.into_iter().collect()
            }
            Value::Null | Value::Text(_) | Value::Map(_) => {
                wrong_shape(node, "a list such as [a, b]", out);
                None
            }
        }
    }
}
