//! When a study counts as complete for now, and how the server hears of it.

mod deliver;
mod settler;

pub(crate) use deliver::deliver_settled;
pub(crate) use settler::Settler;
