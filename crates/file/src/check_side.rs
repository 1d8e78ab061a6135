//! Holding a side stream against everything that is said of it.

use evz_core::{Error, Result, TimeBase};
use evz_table::{RowsFound, check_rows, check_schema};

use crate::reader::Unpacked;
use crate::wire::{SideBatchHead, SideDeclaration};

/// Checks the schema of a side stream in a file that counts in `base`.
pub(crate) fn check_declaration(stream: &SideDeclaration, base: TimeBase) -> Result<()> {
    check_schema(&stream.schema, stream.time_column, base)
}

/// Checks the rows of a batch of a side stream: that they are what its head says of them.
pub(crate) fn check_batch(
    stream: &SideDeclaration,
    head: &SideBatchHead,
    packed: &[u8],
) -> Result<()> {
    let batch = Unpacked::new(&stream.name, head, packed)?;
    let found = check_rows(&stream.schema, stream.time_column, &batch.rows)?;
    let told = RowsFound {
        rows: head.rows,
        t_min: head.t_min,
        t_max: head.t_max,
    };
    match found == told {
        true => Ok(()),
        false => Err(Error::corrupt(
            "",
            "its rows are not what its head says of them",
        )),
    }
}
