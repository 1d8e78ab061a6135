//! The filters of a dataset. File format specification, IV.A.2.l.

use evz_core::Result;

use super::fields::Fields;

/// A filter that chunks went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) id: u16,
    /// What the file calls it; often empty.
    pub(crate) name: String,
    /// Its parameters.
    pub(crate) values: Vec<u32>,
}

/// Filters that HDF5 allows, at most.
const MAX_FILTERS: usize = 32;

/// Numbers below this are HDF5's own, which have no name in version 2.
const FIRST_NAMED: u16 = 256;

/// The filters in the order in which they were applied.
pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Vec<Filter>> {
    let version = fields.u8()?;
    let n = usize::from(fields.u8()?);
    match version {
        1 => fields.skip(6)?,
        2 => {}
        _ => return Err(fields.corrupt(format!("filters of version {version}"))),
    }
    if n > MAX_FILTERS {
        return Err(fields.corrupt(format!("{n} filters")));
    }
    let filter = |fields: &mut Fields<'_>| {
        let id = fields.u16()?;
        let name_len = match version {
            2 if id < FIRST_NAMED => 0,
            _ => fields.size(2)?,
        };
        fields.skip(2)?;
        let n_values = fields.size(2)?;
        let name = Fields::text(fields.take(name_len)?);
        if version == 1 {
            fields.skip(name_len.next_multiple_of(8) - name_len)?;
        }
        let values = (0..n_values).map(|_| fields.u32()).collect::<Result<_>>()?;
        if version == 1 && n_values % 2 == 1 {
            fields.skip(4)?;
        }
        Ok(Filter { id, name, values })
    };
    (0..n).map(|_| filter(fields)).collect()
}
