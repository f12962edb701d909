//! One frame to native little endian bytes with interleaved samples.

use super::main_loop::Refusal;
use super::native;
use super::protocol::{Image, MAX_OUTPUT, Request, Source};
use dicom_encoding::adapters::{PixelDataObject, RawPixelData};
use dicom_encoding::transfer_syntax::{Codec, TransferSyntaxIndex};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use flate2::read::DeflateDecoder;
use std::borrow::Cow;
use std::io::Read;

/// The frame's bytes and the image as it is after decoding (a codec may have changed its colours' meaning).
pub(super) fn native_frame(request: &Request, frame: Vec<u8>) -> Result<(Image, Vec<u8>), Refusal> {
    let mut image = request.image.clone();
    let expected = native::frame_length(&image);
    if expected == 0 || expected > MAX_OUTPUT {
        return Err("the image has no pixels, or too many".to_owned());
    }
    let mut bytes = match &request.source {
        Source::Native { swap, bit_shift } => native::straighten(frame, *swap, *bit_shift),
        Source::Deflated { offset, length } => inflated(&frame, *offset, *length)?,
        Source::Encoded { transfer_syntax } => {
            let bytes = decoded(transfer_syntax, &image, frame)?;
            after_codec(transfer_syntax, &mut image);
            bytes
        }
    };
    let length = usize::try_from(native::frame_length(&image)).map_err(|_| "the image is too large".to_owned())?;
    if bytes.len() < length {
        return Err("the pixel data is shorter than the image it stands for".to_owned());
    }
    bytes.truncate(length);
    if image.planar && image.samples == 3 {
        bytes = native::interleaved(&bytes, &image);
        image.planar = false;
    }
    Ok((image, bytes))
}

fn decoded(transfer_syntax: &str, image: &Image, frame: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let unsupported = || format!("no decoder for transfer syntax {transfer_syntax}");
    let syntax = TransferSyntaxRegistry.get(transfer_syntax).ok_or_else(unsupported)?;
    let Codec::EncapsulatedPixelData(Some(reader), _) = syntax.codec() else {
        return Err(unsupported());
    };
    let mut out = Vec::new();
    let object = OneFrame { transfer_syntax, image, frame };
    reader.decode_frame(&object, 0, &mut out).map_err(|cause| format!("the frame cannot be decoded: {cause}"))?;
    Ok(out)
}

/// JPEG and JPEG 2000 decoders hand out RGB where they know the colour transform; RLE and JPEG-LS none.
fn after_codec(transfer_syntax: &str, image: &mut Image) {
    let jpeg = matches!(
        transfer_syntax,
        "1.2.840.10008.1.2.4.50" | "1.2.840.10008.1.2.4.51" | "1.2.840.10008.1.2.4.57" | "1.2.840.10008.1.2.4.70"
    );
    if image.samples != 3 {
        return;
    }
    if jpeg && image.photometric.starts_with("YBR") {
        "RGB".clone_into(&mut image.photometric);
    }
    if matches!(image.photometric.as_str(), "YBR_RCT" | "YBR_ICT") {
        "RGB".clone_into(&mut image.photometric);
    }
    // Encoded 4:2:2 comes out of every decoder with full colour.
    if image.photometric == "YBR_FULL_422" {
        "YBR_FULL".clone_into(&mut image.photometric);
    }
    image.planar = false;
}

fn inflated(dataset: &[u8], offset: u64, length: u64) -> Result<Vec<u8>, Refusal> {
    let broken = |_| "the deflated dataset cannot be inflated".to_owned();
    let mut inflate = DeflateDecoder::new(dataset);
    if offset > MAX_OUTPUT || length > MAX_OUTPUT {
        return Err("the image is too large".to_owned());
    }
    std::io::copy(&mut inflate.by_ref().take(offset), &mut std::io::sink()).map_err(broken)?;
    let mut bytes = Vec::new();
    inflate.take(length).read_to_end(&mut bytes).map_err(broken)?;
    Ok(bytes)
}

/// A frame as the codecs ask for it. No dataset is parsed here: the bridge has already found the pieces.
struct OneFrame<'a> {
    transfer_syntax: &'a str,
    image: &'a Image,
    frame: Vec<u8>,
}

impl PixelDataObject for OneFrame<'_> {
    fn transfer_syntax_uid(&self) -> &str {
        self.transfer_syntax
    }
    fn rows(&self) -> Option<u16> {
        Some(self.image.rows)
    }
    fn cols(&self) -> Option<u16> {
        Some(self.image.columns)
    }
    fn samples_per_pixel(&self) -> Option<u16> {
        Some(self.image.samples)
    }
    fn bits_allocated(&self) -> Option<u16> {
        Some(self.image.bits_allocated)
    }
    fn bits_stored(&self) -> Option<u16> {
        Some(self.image.bits_stored)
    }
    fn photometric_interpretation(&self) -> Option<&str> {
        Some(&self.image.photometric)
    }
    fn number_of_frames(&self) -> Option<u32> {
        Some(1)
    }
    fn number_of_fragments(&self) -> Option<u32> {
        Some(1)
    }
    fn fragment(&self, fragment: usize) -> Option<Cow<'_, [u8]>> {
        (fragment == 0).then_some(Cow::Borrowed(&self.frame))
    }
    fn offset_table(&self) -> Option<Cow<'_, [u32]>> {
        Some(Cow::Borrowed(&[0]))
    }
    fn raw_pixel_data(&self) -> Option<RawPixelData> {
        Some(RawPixelData { fragments: vec![self.frame.clone()].into(), offset_table: Vec::new().into() })
    }
}
