//! What the build script embedded: the bytes of the faces and the text of `server/forms`.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
