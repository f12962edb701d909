//! Personal data beyond the record itself (Law 91/2025/QH15, Decree 356/2025): what it is used for, what people agreed to,
//! and what they ask for as those whose data it is (chủ thể dữ liệu).

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $code:literal $vietnamese:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            pub fn vietnamese(self) -> &'static str {
                match self { $(Self::$variant => $vietnamese,)+ }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    )+};
}

mod clocks;
mod consent;
mod purpose;
mod request;

pub use clocks::Clocks;
pub use consent::{Answer, AskAgain, By, Channel, Last, NotTheirs, Standing, answerer, standing, withdrawer};
pub use purpose::{Basis, Purpose};
pub use request::{NotThisWish, WishKind, WishState, WishStep};
