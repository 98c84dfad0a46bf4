//! What the reader asks for, written down while it reads.
//!
//! The reader is the one place that knows the format. So its schema is not a second description of it: the reader reads
//! one file that leads into each of its branches, and [`Fields`](crate::fields::Fields) and the readers of plain values
//! tell what they look for.

use std::collections::BTreeMap;

use crate::quantity::Pattern;

/// What may stand in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A text, what it should be, and how it is written if not anyhow.
    Text {
        what: &'static str,
        pattern: Option<Pattern>,
    },
    /// One of these words.
    Word {
        what: &'static str,
        words: Vec<&'static str>,
    },
    /// A list of any of these.
    List(Vec<Shape>),
    /// A mapping of names that the user chooses to any of these.
    Named(Vec<Shape>),
    /// The mapping with known keys of this name.
    Object(&'static str),
}

/// A mapping with known keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    /// By their order.
    pub(crate) keys: Vec<Key>,
}

#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) shapes: Vec<Shape>,
}

/// What is being read.
#[derive(Debug)]
enum Frame {
    Object {
        what: &'static str,
        object: Object,
        /// The key that was asked for last.
        asked: Option<&'static str>,
    },
    Items(Vec<Shape>),
}

/// Everything that was asked for.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    /// By what they describe.
    pub(crate) objects: BTreeMap<&'static str, Object>,
    open: Vec<Frame>,
}

impl Recorder {
    pub(crate) fn open(&mut self, what: &'static str) {
        let object = Object::default();
        self.open.push(Frame::Object {
            what,
            object,
            asked: None,
        });
    }

    /// A key is asked for; what is read next stands at it.
    pub(crate) fn ask(&mut self, name: &'static str, required: bool) {
        let Some(Frame::Object { object, asked, .. }) = self.open.last_mut() else {
            return;
        };
        *asked = Some(name);
        match object.keys.iter_mut().find(|key| key.name == name) {
            Some(key) => key.required |= required,
            None => object.keys.push(Key {
                name,
                required,
                shapes: Vec::new(),
            }),
        }
    }

    /// The mapping was read: what was asked for is united with what was before in another one of its kind.
    pub(crate) fn close(&mut self) {
        let Some(Frame::Object { what, object, .. }) = self.open.pop() else {
            return;
        };
        match self.objects.get_mut(what) {
            Some(before) => before.unite(object),
            None => {
                self.objects.insert(what, object);
            }
        }
        self.add(Shape::Object(what));
    }

    /// Items follow, of a list or at names.
    pub(crate) fn open_items(&mut self) {
        self.open.push(Frame::Items(Vec::new()));
    }

    pub(crate) fn close_items(&mut self, shape: fn(Vec<Shape>) -> Shape) {
        if let Some(Frame::Items(items)) = self.open.pop() {
            self.add(shape(items));
        }
    }

    /// This may stand where is being read.
    pub(crate) fn add(&mut self, shape: Shape) {
        match self.open.last_mut() {
            Some(Frame::Object { object, asked, .. }) => {
                let key = object.keys.iter_mut().find(|key| Some(key.name) == *asked);
                if let Some(key) = key {
                    insert(&mut key.shapes, shape);
                }
            }
            Some(Frame::Items(items)) => insert(items, shape),
            None => {}
        }
    }
}

impl Object {
    /// A key that one of the two does not need is not required.
    fn unite(&mut self, other: Self) {
        for key in &mut self.keys {
            let there = other.keys.iter().find(|it| it.name == key.name);
            key.required &= there.is_some_and(|it| it.required);
        }
        for key in other.keys {
            match self.keys.iter_mut().find(|it| it.name == key.name) {
                Some(mine) => key
                    .shapes
                    .into_iter()
                    .for_each(|it| insert(&mut mine.shapes, it)),
                None => self.keys.push(Key {
                    required: false,
                    ..key
                }),
            }
        }
    }
}

/// Each once; two lists, or two mappings of names, are one of both.
fn insert(shapes: &mut Vec<Shape>, shape: Shape) {
    for before in shapes.iter_mut() {
        match (before, &shape) {
            (Shape::List(items), Shape::List(more)) | (Shape::Named(items), Shape::Named(more)) => {
                more.iter().for_each(|it| insert(items, it.clone()));
                return;
            }
            (before, shape) if before == shape => return,
            _ => {}
        }
    }
    shapes.push(shape);
}
