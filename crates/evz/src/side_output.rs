//! One side stream as a file of its own.

use evz_core::{Error, Format, Loss, LossKind, Output, Report, Result, SideValues};

use crate::side_table::{NextRows, SideTable};

/// What was written of a side stream.
#[derive(Debug)]
#[must_use = "it says what was lost"]
pub struct SideWritten {
    /// Number of rows.
    pub rows: u64,
    /// What was noticed and lost, by the recording and by the output.
    pub report: Report,
}

/// Writes the rows of a side stream as a table: Parquet, Arrow IPC, or text with commas.
///
/// # Errors
/// If the format holds no table, the recording is damaged, or the output cannot be written.
pub fn write_side(mut table: SideTable, output: Output, format: &Format) -> Result<SideWritten> {
    let (base, clock) = (table.time_base(), table.clock());
    let (mut of_bytes, mut report) = (0, Report::default());
    let batches = std::iter::from_fn(|| {
        let rows = match table.next_rows() {
            Ok(NextRows::Rows(rows)) => rows,
            Ok(NextRows::End(met)) => {
                report = met;
                return None;
            }
            Err(error) => return Some(Err(error)),
        };
        let bytes = |column: &&evz_core::SideColumn| matches!(column.values, SideValues::Bytes(_));
        of_bytes = of_bytes.max(rows.columns.iter().filter(bytes).count() as u64);
        Some(Ok(rows))
    });
    let rows = match format.name {
        "parquet" => evz_arrow::side_to_parquet(output, base, clock, batches)?,
        "arrow" => evz_arrow::side_to_ipc(output, base, clock, batches)?,
        "text" => evz_arrow::side_to_text(output, batches)?,
        other => {
            let what = format!("{}: {other} holds no side stream alone", output.name());
            return Err(Error::invalid(what).advise("write it as .parquet, .arrow or .csv"));
        }
    };
    if of_bytes > 0 && format.name == "text" {
        let what = "columns of bytes, of which text has the lengths alone; .parquet and .arrow \
                    hold them";
        report.add_loss(Loss::new(LossKind::Columns, what, of_bytes));
    }
    Ok(SideWritten { rows, report })
}
