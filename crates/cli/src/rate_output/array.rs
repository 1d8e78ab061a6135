//! A rate as an array of NumPy: a record a bin.

use std::io::{self, Write};

use evz::Rate;
use evz::npy::NpyHeader;

use super::Unit;

pub(super) fn write(rate: &Rate, out: &mut dyn Write) -> io::Result<()> {
    let unit = Unit::of(rate);
    let header = NpyHeader {
        descr: &format!(
            "[('t_{}', '<i8'), ('on', '<u8'), ('off', '<u8'), ('events_per_s', '<f8')]",
            unit.name
        ),
        fortran_order: false,
        shape: &[rate.bins.len() as u64],
        remark: "",
    };
    out.write_all(&header.to_bytes(0))?;
    for (i, bin) in rate.bins.iter().enumerate() {
        let start = i64::try_from(unit.of_ticks(rate.start_of(i))).map_err(|_| {
            let what = "a time that is beyond 64 bits; .csv and .json hold it";
            io::Error::new(io::ErrorKind::InvalidInput, what)
        })?;
        out.write_all(&start.to_le_bytes())?;
        out.write_all(&bin.on.to_le_bytes())?;
        out.write_all(&bin.off.to_le_bytes())?;
        out.write_all(&rate.per_second(bin.sum()).to_le_bytes())?;
    }
    Ok(())
}
