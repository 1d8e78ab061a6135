//! A job, from its events to its frames.

use evz_core::Result;
use evz_render::Painted;

use crate::damage::damage;
use crate::frames::DeviceFrames;
use crate::job::DeviceJob;
use crate::lane::{ERROR_BYTES, Lane};
use crate::layout::{CanvasDesc, FrameDesc, PIECE_BACKWARDS, PIECE_FIRST, PIECE_LAST};
use crate::loaded::Loaded;
use crate::method::Method;
use crate::mirror::mirrored;
use crate::packing::Packing;
use crate::paint::Group;
use crate::pieces::PiecePlan;
use crate::plain::{read_all, write_all};
use crate::recipe::Recipe;
use crate::wanted::Wanted;

/// A job on its way.
struct Run<'a> {
    job: &'a DeviceJob<'a>,
    recipe: Recipe,
    wanted: Wanted,
    method: Method,
    plan: PiecePlan,
    loaded: Option<Loaded>,
    to_host: bool,
    /// How the frames of the round came back, if packed.
    packing: Option<Packing>,
}

impl Lane {
    /// The frames of a job, in the memory of earlier ones of the same spec as long as `memory` gives
    /// any: new memory of a frame takes longer to get than a copy of it.
    ///
    /// # Errors
    /// If the job makes no sense or is too large, a chunk is damaged, or the device fails.
    pub fn run(
        &mut self,
        job: &DeviceJob<'_>,
        memory: &mut dyn FnMut() -> Option<Painted>,
    ) -> Result<Vec<Painted>> {
        let mut all = Vec::with_capacity(job.windows.len());
        self.run_rounds(job, true, &mut |frames| frames.to_host(memory, &mut all))?;
        Ok(all)
    }

    /// The frames of a job, left on the device: `each` is called for as many as fit there, in order.
    ///
    /// # Errors
    /// As [`Lane::run`], or what `each` returns.
    pub fn run_on_device(
        &mut self,
        job: &DeviceJob<'_>,
        each: &mut dyn FnMut(DeviceFrames<'_>) -> Result<()>,
    ) -> Result<()> {
        self.run_rounds(job, false, each)
    }

    fn run_rounds(
        &mut self,
        job: &DeviceJob<'_>,
        to_host: bool,
        each: &mut dyn FnMut(DeviceFrames<'_>) -> Result<()>,
    ) -> Result<()> {
        if job.windows.is_empty() {
            return Ok(());
        }
        self.bind()?;
        let done = self.try_rounds(job, to_host, each);
        if done.is_err() {
            // Nothing may work on memory that the next job takes. What this says was said already.
            let _ = self.wait();
            self.sums_are_zero = false;
        }
        done
    }

    fn try_rounds(
        &mut self,
        job: &DeviceJob<'_>,
        to_host: bool,
        each: &mut dyn FnMut(DeviceFrames<'_>) -> Result<()>,
    ) -> Result<()> {
        let recipe = Recipe::of(job.spec)?;
        let (wanted, method) = Method::of(job, &recipe);
        let plan = PiecePlan::new(job, &recipe, wanted, self.budget, &self.shared, to_host)?;
        self.reserve(&plan, to_host)?;
        let mut run = Run {
            job,
            recipe,
            wanted,
            method,
            loaded: None,
            to_host,
            packing: None,
            plan,
        };
        // The ends of a window are known where its events are all there.
        run.method.ends &= run.plan.pieces.len() == 1;
        let find_spans = run.plan.pieces.len() > 1 && method.span;
        let n = job.windows.len();
        for first in (0..n).step_by(run.plan.round) {
            let frames = first..n.min(first + run.plan.round);
            let mut descs = frames
                .map(|k| run.method.desc(job, k))
                .collect::<Result<Vec<_>>>()?;
            if find_spans {
                run.method.found = false;
                self.pass(&mut run, &mut descs, first, false)?;
                run.method.found = true;
            }
            self.pass(&mut run, &mut descs, first, true)?;
            if run.recipe.reversed {
                for desc in &mut descs {
                    // The time of no events is that of no events mirrored.
                    let window = match run.method.window && desc.events == 0 {
                        true => desc.start..desc.stop,
                        false => mirrored(desc.start..desc.stop)?,
                    };
                    (desc.start, desc.stop) = (window.start, window.end);
                }
            }
            each(DeviceFrames {
                lane: self,
                recipe: &run.recipe,
                job,
                descs: &descs,
                first,
                packing: run.packing,
            })?;
        }
        Ok(())
    }

    /// Makes room for all of it, before anything works on it.
    fn reserve(&mut self, plan: &PiecePlan, to_host: bool) -> Result<()> {
        let stream = self.stream.clone();
        let descs = plan.round * size_of::<FrameDesc>();
        self.descs.reserve(ERROR_BYTES + descs, &stream)?;
        if to_host {
            let most = plan.needs.values.max(plan.needs.packed);
            self.back.reserve(most as usize, &stream)?;
        }
        let had = self.sums.len();
        let mut buffers = [
            &mut self.bytes,
            &mut self.scratch,
            &mut self.columns,
            &mut self.kept,
            &mut self.counts,
            &mut self.frames,
            &mut self.bin_ends,
            &mut self.bin_starts,
            &mut self.sums,
            &mut self.values,
            &mut self.packed,
        ];
        let needs = plan.needs.list();
        let both = buffers.iter().zip(needs);
        if both.map(|(b, n)| n.max(b.len() as u64)).sum::<u64>() > self.budget {
            // What earlier jobs of other kinds took is in the way.
            buffers.iter_mut().try_for_each(|b| b.free(&stream))?;
            self.sums_are_zero = false;
        }
        for (buffer, needs) in buffers.into_iter().zip(needs) {
            buffer.reserve(needs as usize, &stream)?;
        }
        if self.sums.len() != had || !self.sums_are_zero {
            self.sums.clear(0..self.sums.len(), &stream)?;
            self.sums_are_zero = true;
        }
        self.error.reserve(ERROR_BYTES, &stream)?;
        self.error.clear(0..ERROR_BYTES, &stream)
    }

    /// Takes the windows of a round through all pieces: to paint them, or to find when their first
    /// and last events are.
    fn pass(
        &mut self,
        run: &mut Run<'_>,
        descs: &mut [FrameDesc],
        first: usize,
        paint: bool,
    ) -> Result<()> {
        let pieces = run.plan.pieces.len();
        // Selected events of the pieces before.
        let mut before = 0;
        for number in 0..pieces {
            let loaded = self.loaded(run, number)?;
            run.method.place(run.job, first, descs, &loaded, before);
            before += loaded.within.end - loaded.within.start;
            self.paint_piece(run, descs, &loaded, paint)?;
            let len = size_of_val(descs);
            let (error, rest) = self.descs.bytes().split_at_mut(ERROR_BYTES);
            self.error.read(0, error, &self.stream)?;
            self.frames.read(0, &mut rest[..len], &self.stream)?;
            if paint && run.to_host && number + 1 == pieces {
                self.read_frames(run, descs.len())?;
            }
            self.wait()?;
            let (error, rest) = self.descs.bytes().split_at(ERROR_BYTES);
            let error = error.first_chunk().map_or(0, |b| u32::from_ne_bytes(*b));
            if error != 0 {
                return Err(damage(error, run.plan.pieces[number].chunks.start));
            }
            read_all(&rest[..len], descs);
        }
        Ok(())
    }

    /// Has frames copied back: all values, or what is not empty.
    fn read_frames(&mut self, run: &mut Run<'_>, frames: usize) -> Result<()> {
        run.packing = None;
        if let Some(packing) = run.plan.packing {
            let of = run.job.spec.representation;
            if self.read_packed(&packing, &run.recipe, of, frames)? {
                run.packing = Some(packing);
                return Ok(());
            }
        }
        let back = &mut self.back.bytes()[..frames * run.recipe.frame_bytes()];
        self.values.read(0, back, &self.stream)
    }

    /// The piece, which is loaded unless it still is.
    fn loaded(&mut self, run: &mut Run<'_>, number: usize) -> Result<Loaded> {
        if let Some(loaded) = run.loaded.take_if(|l| l.number == number) {
            run.loaded = Some(loaded.clone());
            return Ok(loaded);
        }
        let loaded = self.load(run.job, number, &run.plan.pieces[number], run.wanted)?;
        run.loaded = Some(loaded.clone());
        Ok(loaded)
    }

    /// Has the launches of one piece done.
    fn paint_piece(
        &mut self,
        run: &Run<'_>,
        descs: &[FrameDesc],
        loaded: &Loaded,
        paint: bool,
    ) -> Result<()> {
        let len = size_of_val(descs);
        let staged = &mut self.descs.bytes()[ERROR_BYTES..][..len];
        write_all(staged, descs);
        self.frames.write(0, staged, &self.stream)?;
        let (job, recipe) = (run.job, &run.recipe);
        let canvas = CanvasDesc {
            width: job.spec.size.width,
            height: job.spec.size.height,
            plane: job.spec.size.width.wrapping_mul(job.spec.size.height),
            timed: u32::from(run.method.timed && !run.method.by_borders),
            stride: recipe.stride as u64,
        };
        let pieces = run.plan.pieces.len();
        let piece = [
            (loaded.number == 0, PIECE_FIRST),
            (loaded.number + 1 == pieces, PIECE_LAST),
            (recipe.reversed && pieces > 1, PIECE_BACKWARDS),
        ];
        let piece = piece.iter().filter(|(is, _)| *is).map(|(_, flag)| flag);
        let piece = piece.sum();
        for start in (0..descs.len()).step_by(run.plan.group) {
            let frames = start..descs.len().min(start + run.plan.group);
            let group = Group {
                longest: run.method.longest(job, &descs[frames.clone()]),
                frames,
                piece,
            };
            if let (true, Some(bands)) = (paint, run.plan.bands) {
                self.paint_by_bands(loaded, recipe, &run.method, &canvas, &group, bands)?;
            } else if paint {
                self.paint(loaded, recipe, &run.method, &canvas, &group)?;
            } else {
                self.find_span(loaded, &run.method, &group)?;
            }
        }
        Ok(())
    }
}
