//! What a checker sees of a payload and no decoder needs: a payload is written again with the modes and
//! widths that it has.

use evz_core::{Error, EventSlice, Place, Result};

use super::block::Block;
use super::encode::{Choose, encode_by};
use super::forever::MINI_LEN;
use super::head::{MiniHead, Mode};
use super::mini_choice::MiniChoice;
use super::residual::{from_pixels, from_times};
use super::toc::Toc;
use super::width::most;
use crate::codec::{Encoded, Payload, Run, check_all, check_same};

/// Refuses a payload that is not what these events, which it decodes to, make with its modes and widths.
pub(super) fn check(payload: Payload<'_>, events: EventSlice<'_>) -> Result<Encoded> {
    check_all(payload, events)?;
    let toc = Toc::new(payload)?;
    let bytes = payload.bytes;
    let run = Run { start: 0, bytes };
    let mut again = Vec::with_capacity(bytes.len());
    let encoded = encode_by(events, payload.time, &mut again, Found { toc, run })?;
    check_same(payload, &again).map(|()| encoded)
}

/// What a payload has.
struct Found<'a> {
    toc: Toc<'a>,
    run: Run<'a>,
}

impl Choose for Found<'_> {
    type Error = Error;

    fn choose(
        &mut self,
        number: usize,
        block: EventSlice<'_>,
        counts: &[i64],
        choices: &mut [MiniChoice],
    ) -> Result<()> {
        let (bytes, len, _) = self.toc.block(number, self.run)?;
        let parsed = Block::parse(bytes, len);
        let taken = parsed.and_then(|parsed| take_block(&parsed, block, counts, choices));
        taken.map_err(|what| Error::corrupt(Place::part(format!("block {number}")), what))
    }
}

/// Takes the modes and widths of a block, for its events and counts.
fn take_block(
    block: &Block<'_>,
    events: EventSlice<'_>,
    k: &[i64],
    choices: &mut [MiniChoice],
) -> Result<(), String> {
    let columns = k
        .chunks(MINI_LEN)
        .zip(events.x.chunks(MINI_LEN).zip(events.y.chunks(MINI_LEN)));
    let mut before = k[0];
    for ((choice, mini), (k, (x, y))) in choices.iter_mut().zip(block.minis()).zip(columns) {
        let head = MiniHead {
            x: mini.x.head,
            y: mini.y.head,
            t: mini.t.head,
        };
        choice.head = head;
        from_pixels(head.x.mode, head.x.reference, x, &mut choice.x);
        from_pixels(head.y.mode, head.y.reference, y, &mut choice.y);
        from_times(head.t.zigzag, k, before, &mut choice.t);
        before = k[k.len() - 1];

        for (name, column, residuals) in [("x", head.x, &choice.x), ("y", head.y, &choice.y)] {
            let changed = column.mode != Mode::Reference;
            check_column(
                name,
                (column.width, column.exceptions),
                (column.high, changed),
                residuals,
            )?;
        }
        let t = head.t;
        check_column("t", (t.width, t.exceptions), (t.high, t.zigzag), &choice.t)?;
    }
    Ok(())
}

/// Refuses exceptions that are none, and, where there are none, that they have a size; where all
/// residuals are 0, a mode other than the first.
fn check_column<T: Copy + Into<u64>>(
    name: &str,
    (width, exceptions): (u8, u8),
    (high, changed): (u8, bool),
    residuals: &[T; MINI_LEN],
) -> Result<(), String> {
    let most = most(width.into());
    let wider = residuals.iter().filter(|r| (**r).into() > most).count();
    if wider != usize::from(exceptions) {
        return Err(format!(
            "{name} has {exceptions} exceptions, and {wider} residuals that need one"
        ));
    }
    if exceptions == 0 && (high != 0 || width == 0 && changed) {
        return Err(format!(
            "bits of the tag of {name} that have no meaning are not 0"
        ));
    }
    Ok(())
}
