//! Personal data beyond the record itself (Law 91/2025/QH15, Decree 356/2025): what it is used for, what people agreed to,
//! and what they ask for as those whose data it is (chủ thể dữ liệu).

mod clocks;
mod consent;
mod purpose;
mod request;

pub use clocks::Clocks;
pub use consent::{
    Answer, AskAgain, By, Channel, Last, NotTheirs, Standing, answerer, standing, who_is_asked, withdrawer,
};
pub use purpose::{Basis, Purpose};
pub use request::{NotThisWish, WishKind, WishState, WishStep};
