//! Letting a dataset pass that will be refused: its answer can only come after its last byte.

use super::ended::Ended;
use super::wire::Wire;
use benhan_dimse::CommandSet;

/// Reads on until the message is over.
pub(crate) async fn dataset(wire: &mut Wire, set: &CommandSet) -> Result<(), Ended> {
    if set.has_dataset() {
        rest_of_dataset(wire).await?;
    }
    Ok(())
}

/// As [`dataset`], when one is known to be under way.
pub(crate) async fn rest_of_dataset(wire: &mut Wire) -> Result<(), Ended> {
    loop {
        let (_, last) = wire.dataset().await?;
        if last {
            return Ok(());
        }
    }
}
