//! `hooks:` as written.

use super::service::Limit;
use crate::fields::{At, Fields};
use crate::mistake::Mistakes;
use crate::model::HookPoint;
use crate::yaml::Node;

#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) name: At<String>,
    pub(crate) doc: Option<String>,
    pub(crate) at: Option<At<HookPoint>>,
    /// Whose interrupt.
    pub(crate) device: Option<At<String>>,
    /// Where it goes.
    pub(crate) core: Option<At<u32>>,
    pub(crate) instructions: Option<At<u32>>,
    pub(crate) limit: Option<Limit>,
}

impl Hook {
    pub(crate) fn read(name: At<String>, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a hook", name.place, node, out)?;
        let doc = f.optional("doc");
        let at = f.required("at");
        let device = f.optional("device");
        let core = f.optional("core");
        let instructions = f.required("instructions");
        let limit = f.optional("limit");
        f.close();
        Some(Self {
            name,
            doc,
            at,
            device,
            core,
            instructions,
            limit,
        })
    }
}
