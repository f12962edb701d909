//! The same in an S3 store: a mark in the place of each image, and it comes before the image goes.

use super::{POOL, WORDS};
use benhan_bucket::{Bucket, Trouble};

/// Of an image in a pool there, as it would be unlocked: `benhan-images/ab/abcd….dcm`.
pub fn mark_of(image: &str) -> String {
    format!("{}.erased", image.strip_suffix(".dcm").unwrap_or(image))
}

/// Takes the images of these hashes out of every pool at a place; blocking.
pub fn removed_in(bucket: &Bucket, hashes: &[String]) -> Result<(), Trouble> {
    for pool in bucket.folders(POOL)? {
        for sha256 in hashes {
            let shelf = sha256.get(..2).unwrap_or(sha256);
            let image = format!("{pool}/{shelf}/{sha256}.dcm");
            bucket.put(&mark_of(&image), WORDS.to_vec())?;
            bucket.remove(&image)?;
            bucket.remove(&format!("{image}.age"))?;
        }
    }
    Ok(())
}
