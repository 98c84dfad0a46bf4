//! One entry of `services:` as written.

use super::{named_at, nested};
use crate::fields::{At, Fields, FromNode, Rate, Signed, Size};
use crate::mistake::Mistakes;
use crate::model::{Access, Convention, Language, Scalar, ServiceRange};
use crate::source::Place;
use crate::yaml::{Node, Value};

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: At<String>,
    pub(crate) doc: Option<String>,
    pub(crate) id: Option<Id>,
    pub(crate) callers: Option<Vec<At<String>>>,
    pub(crate) convention: Option<At<Convention>>,
    pub(crate) handler: Option<At<String>>,
    pub(crate) instructions: Option<At<u32>>,
    pub(crate) language: Option<At<Language>>,
    pub(crate) arguments: Vec<Parameter>,
    pub(crate) results: Vec<Parameter>,
    pub(crate) limit: Option<Limit>,
}

#[derive(Debug)]
pub(crate) struct Id {
    pub(crate) range: Option<ServiceRange>,
    pub(crate) number: Option<At<u32>>,
}

/// An argument or a result: its name, and what it is if that could be read.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: At<String>,
    pub(crate) kind: Option<Kind>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Scalar {
        scalar: At<Scalar>,
        min: Option<At<Signed>>,
        max: Option<At<Signed>>,
    },
    Region {
        place: Place,
        access: Access,
        max: Option<At<Size>>,
        size: Option<At<Size>>,
        align: Option<At<Size>>,
    },
}

#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) calls: Option<Rate>,
    pub(crate) burst: Option<At<u32>>,
}

impl Service {
    pub(crate) fn read(name: At<String>, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a service", name.place, node, out)?;
        let doc = f.optional("doc");
        let id = nested(&mut f, "id", Id::read);
        let callers = f.required("callers");
        let convention = f.optional("convention");
        let handler = f.required("handler");
        let instructions = f.optional("instructions");
        let language = f.optional("language");
        let arguments = named_at(&mut f, "arguments", Parameter::read);
        let results = named_at(&mut f, "results", Parameter::read);
        let limit = f.optional("limit");
        f.close();
        Some(Self {
            name,
            doc,
            id,
            callers,
            convention,
            handler,
            instructions,
            language,
            arguments,
            results,
            limit,
        })
    }

    /// Its range of function identifiers.
    pub(crate) fn range(&self) -> ServiceRange {
        let given = self.id.as_ref().and_then(|id| id.range);
        given.unwrap_or(ServiceRange::Sip)
    }

    /// Its number, if it was given.
    pub(crate) fn number(&self) -> Option<At<u32>> {
        self.id.as_ref().and_then(|id| id.number)
    }
}

impl Id {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("an id", place, node, out)?;
        let range = f.required("range");
        let number = f.optional("number");
        f.close();
        Some(Self { range, number })
    }
}

impl Parameter {
    /// A wrong one stays, without a kind: a missing one would be a mistake of its own.
    fn read(name: At<String>, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let kind = Kind::read(name.place, node, out);
        Some(Self { name, kind })
    }
}

impl Kind {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            return Some(Self::Scalar {
                scalar: At::from_node(node, out)?,
                min: None,
                max: None,
            });
        }
        let mut f = Fields::open("a parameter", place, node, out)?;
        let kind = if f.has("region") {
            let access = f.required("region");
            let (max, size) = (f.optional("max"), f.optional("size"));
            let align = f.optional("align");
            access.map(|access| Self::Region {
                place,
                access,
                max,
                size,
                align,
            })
        } else {
            let scalar = f.required("type");
            let (min, max) = (f.optional("min"), f.optional("max"));
            scalar.map(|scalar| Self::Scalar { scalar, min, max })
        };
        f.close();
        kind
    }
}

/// `20/s`, or `{ calls: 20/s, burst: 4 }`.
impl FromNode for Limit {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            let calls = Some(Rate::from_node(node, out)?);
            return Some(Self { calls, burst: None });
        }
        let mut f = Fields::open("a limit", node.place, node, out)?;
        let calls = f.required("calls");
        let burst = f.optional("burst");
        f.close();
        Some(Self { calls, burst })
    }
}
