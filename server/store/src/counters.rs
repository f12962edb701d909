//! Numbers that count up: patient codes, stays, barcodes, accessions.

use crate::dialect::on_either;
use crate::schema::counter;
use crate::{StoreError, Tx};
use diesel::prelude::*;

/// The next value of `name`, from 1. Two writers never get the same: the row is locked by its update.
pub fn next(tx: &mut Tx<'_>, name: &str) -> Result<i64, StoreError> {
    let failed = StoreError::db("count up");
    on_either!(tx.db(), c => diesel::insert_into(counter::table)
        .values((counter::name.eq(name), counter::value.eq(1)))
        .on_conflict(counter::name)
        .do_update()
        .set(counter::value.eq(counter::value + 1))
        .returning(counter::value)
        .get_result(c))
    .map_err(failed)
}

/// As [`next`], from 1 each year, with the last two digits of the year in Vietnam.
pub fn next_of_year(tx: &mut Tx<'_>, name: &str) -> Result<(i16, i64), StoreError> {
    let year = tx.now().day().year().rem_euclid(100);
    Ok((year, next(tx, &format!("{name}-{year:02}"))?))
}
